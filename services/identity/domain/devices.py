"""What a browser is called in its person's list of devices. The browser's own words are not kept: they tell too much."""

from typing import Final

# The first that fits: many browsers name others as well.
_BROWSERS: Final = (
    ("MicroMessenger", "微信 WeChat"),
    ("AlipayClient", "支付宝 Alipay"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS: Final = (
    ("HarmonyOS", "HarmonyOS"),
    ("OpenHarmony", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def device_label(user_agent: str) -> str:
    """Browser and system in a few words; empty when neither is known."""
    named = (next((name for sign, name in known if sign in user_agent), "") for known in (_BROWSERS, _SYSTEMS))
    return " · ".join(filter(None, named))
