"""Codes of certificates 电子证照. Source: GB/T 36904-2018."""

import re
from typing import ClassVar, Self

from contracts.values.agencies import CreditCode
from contracts.values.checks import mod37_36
from contracts.values.value import Value


class CertificateTypeCode(Value):
    """证照类型代码: credit code of the defining authority and three digits. Source: GB/T 36904-2018."""

    __slots__ = ()
    PATTERN = re.compile(r"[0-9A-Z]{18}[0-9]{3}")
    TITLE = "certificate type code"
    ZH = "证照类型代码"

    @classmethod
    def check(cls, text: str) -> None:
        CreditCode(text[:18])


class CertificateIdentifier(Value):
    """电子证照标识. Source: GB/T 36904-2018."""

    __slots__ = ()
    PATTERN = re.compile(r"1\.2\.156\.3005\.2\.[0-9A-Z]{21}\.[0-9A-Z]{18}\.[0-9A-Z]{1,32}\.[0-9]{3}\.[0-9A-Z]")
    TITLE = "certificate identifier"
    ROOT: ClassVar[str] = "1.2.156.3005.2"

    @classmethod
    def check(cls, text: str) -> None:
        type_code, issuer, serial, version, check = text.removeprefix(f"{cls.ROOT}.").split(".")
        CertificateTypeCode(type_code)
        CreditCode(issuer)
        if mod37_36(type_code + issuer + serial + version) != check:
            msg = "wrong check character in the certificate identifier"
            raise ValueError(msg)

    @classmethod
    def of(cls, type_code: CertificateTypeCode, issuer: CreditCode, serial: str, version: int) -> Self:
        body = f"{type_code}{issuer}{serial}{version:03d}"
        return cls(f"{cls.ROOT}.{type_code}.{issuer}.{serial}.{version:03d}.{mod37_36(body)}")

    @property
    def issuer(self) -> CreditCode:
        return CreditCode(self.split(".")[6])

    def next_version(self) -> Self:
        """Of the same certificate, which says something else from then on."""
        type_code, issuer, serial, version, _ = self.removeprefix(f"{self.ROOT}.").split(".")
        return self.of(CertificateTypeCode(type_code), CreditCode(issuer), serial, int(version) + 1)

    def follows(self, other: "CertificateIdentifier") -> bool:
        """Whether this is a later version of the same certificate."""
        mine, others = self.split("."), other.split(".")
        return mine[:8] == others[:8] and mine[8] > others[8]
