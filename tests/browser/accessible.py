"""What a page must keep for everybody, checked in the browser itself. Source: WCAG 2.2 AA; GB/T 37668."""

from typing import Any, Final

from playwright.async_api import Page

_NAMED_ROLES: Final = frozenset({"textbox", "button", "combobox", "link", "group", "checkbox", "heading"})

_FAULTS: Final = """
() => {
  const faults = [];
  const seen = (each) => each.getClientRects().length > 0;
  const all = (what) => [...document.querySelectorAll(what)].filter(seen);
  if (!document.documentElement.lang) faults.push("no lang");
  if (!document.title) faults.push("no title");
  if (all("h1").length !== 1) faults.push("not one h1");
  if (all("main").length !== 1) faults.push("not one main");
  const ids = [...document.querySelectorAll("[id]")].map((each) => each.id);
  for (const id of new Set(ids)) if (ids.filter((each) => each === id).length > 1) faults.push(`id ${id} twice`);
  for (const each of all("input, select, button, a")) {
    const box = each.getBoundingClientRect();
    if (box.height < 44 || box.width < 44) faults.push(`${each.id || each.name} is ${box.width}x${box.height}`);
  }
  for (const each of all("[aria-describedby]"))
    if (!document.getElementById(each.getAttribute("aria-describedby"))) faults.push(`${each.id} is described by nothing`);
  for (const each of all("fieldset")) if (!each.querySelector("legend")) faults.push("fieldset without legend");
  const channels = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = (each) => {
    for (; each; each = each.parentElement) {
      const colour = channels(getComputedStyle(each).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const each = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !seen(each) || each.matches("script, noscript, noscript *")) continue;
    const [above, below] = [light(channels(getComputedStyle(each).color)), light(ground(each))].sort((a, b) => b - a);
    const contrast = (above + 0.05) / (below + 0.05);
    if (contrast < 4.5) faults.push(`contrast ${contrast.toFixed(1)}: ${walker.currentNode.data.trim()}`);
  }
  if (document.documentElement.scrollWidth > innerWidth) faults.push("scrolls sideways");
  return faults;
}
"""


async def faults(page: Page) -> list[str]:
    """Everything on the page that would keep somebody out: structure, names, contrast, size of targets."""
    found: list[str] = await page.evaluate(_FAULTS)
    chromium = await page.context.new_cdp_session(page)
    tree = await chromium.send("Accessibility.getFullAXTree")
    return found + [f"{_said(node, 'role')} without a name" for node in tree["nodes"] if _is_nameless(node)]


def _is_nameless(node: dict[str, Any]) -> bool:
    return not node["ignored"] and _said(node, "role") in _NAMED_ROLES and not _said(node, "name").strip()


def _said(node: dict[str, Any], what: str) -> str:
    return str(node.get(what, {}).get("value", ""))
