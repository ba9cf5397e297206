"""Documents as PDF: the same document is the same bytes. The font is one that readers of PDF bring (Adobe-GB1), so none is in the file."""

import math
from io import BytesIO
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.lib.colors import Color
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer

from services.application.domain.documents import RECOURSE, Document, Words, day_zh, heading_of

_FONT: Final = "STSong-Light"
_RED: Final = Color(0.8, 0.05, 0.05)
_MARGIN: Final = 72
pdfmetrics.registerFont(UnicodeCIDFont(_FONT))


def _style(name: str, size: float, **more: Any) -> ParagraphStyle:
    return ParagraphStyle(name, fontName=_FONT, fontSize=size, leading=size * 1.7, **more)


_AGENCY: Final = _style("agency", 14, alignment=TA_CENTER, wordWrap="CJK", spaceAfter=6)
_TITLE: Final = _style("title", 20, alignment=TA_CENTER, wordWrap="CJK")
_SUBTITLE: Final = _style("subtitle", 11, alignment=TA_CENTER, spaceAfter=6)
_NUMBER: Final = _style("number", 11, alignment=TA_RIGHT, wordWrap="CJK", spaceAfter=10)
_TO: Final = _style("to", 12, wordWrap="CJK")
_ZH: Final = _style("zh", 12, firstLineIndent=24, wordWrap="CJK")
_EN: Final = _style("en", 9, textColor=Color(0.3, 0.3, 0.3), spaceAfter=4)
_HEADING: Final = _style("heading", 12, spaceBefore=8, textColor=Color(0.1, 0.1, 0.1), wordWrap="CJK")


def pdf(document: Document, legend: str) -> bytes:
    """`legend` is what the seal says under its star."""
    story: list[Flowable] = [
        _paragraph(document.agency_name, _AGENCY),
        _paragraph(document.title.zh, _TITLE),
        _paragraph(document.title.en, _SUBTITLE),
        _paragraph(document.number, _NUMBER),
        _paragraph(f"{document.addressee}：", _TO),
    ]
    for words in document.passages:
        story += _both(words)
    if document.reasons:
        story += [_paragraph(heading_of(document.heading), _HEADING), *(_paragraph(each, _ZH) for each in document.reasons)]
    if document.remedies:
        story += [_paragraph(heading_of(RECOURSE), _HEADING), *_both(document.remedies)]
    story += [Spacer(1, 24), _Closing(document, legend)]
    written = BytesIO()
    # Invariant: no instant of printing and no random id in the file.
    SimpleDocTemplate(
        written, pagesize=A4, invariant=1, leftMargin=_MARGIN, rightMargin=_MARGIN, topMargin=_MARGIN, bottomMargin=_MARGIN,
        title=f"{document.title.zh} {document.number}", author=document.agency_name, lang="zh-CN",
    ).build(story)  # fmt: skip
    return written.getvalue()


def _paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    # What an officer wrote is text, and never markup.
    return Paragraph(escape(text).replace("\n", "<br/>"), style)


def _both(words: Words) -> list[Flowable]:
    return [_paragraph(words.zh, _ZH), _paragraph(words.en, _EN)]


class _Closing(Flowable):  # type: ignore[misc]  # the library has no types
    """The agency and the day, and over them the seal: never on two pages."""

    _RADIUS: Final = 58

    def __init__(self, document: Document, legend: str) -> None:
        super().__init__()
        self._agency = document.agency_name
        self._day = day_zh(document.issued_on)
        self._legend = legend

    def wrap(self, width: float, _: float) -> tuple[float, float]:
        self._width = width
        return width, self._RADIUS * 2 + 8

    def draw(self) -> None:
        canvas: Canvas = self.canv
        x, y = self._width - self._RADIUS - 20, self._RADIUS + 2
        canvas.setFont(_FONT, 12)
        canvas.drawRightString(self._width, y + 4, self._agency)
        canvas.drawRightString(self._width, y - 18, self._day)
        canvas.saveState()
        canvas.translate(x, y)
        canvas.setStrokeColor(_RED)
        canvas.setFillColor(_RED)
        canvas.setLineWidth(2.5)
        canvas.circle(0, 0, self._RADIUS)
        self._star(canvas, 15)
        canvas.setFont(_FONT, 9)
        canvas.drawCentredString(0, -34, self._legend)
        self._arc(canvas, self._agency)
        canvas.restoreState()

    def _star(self, canvas: Canvas, radius: float) -> None:
        path = canvas.beginPath()
        for corner in range(5):
            angle = math.pi / 2 + corner * 4 * math.pi / 5
            (path.lineTo if corner else path.moveTo)(radius * math.cos(angle), radius * math.sin(angle))
        path.close()
        canvas.drawPath(path, stroke=0, fill=1, fillMode=1)

    def _arc(self, canvas: Canvas, text: str) -> None:
        """Around the upper part, the letters' feet towards the middle."""
        size = 11 if len(text) <= 14 else 8
        step = min(22.0, 240 / max(len(text) - 1, 1))
        canvas.setFont(_FONT, size)
        for place, letter in enumerate(text):
            canvas.saveState()
            canvas.rotate((len(text) - 1) * step / 2 - place * step)
            canvas.drawCentredString(0, self._RADIUS - size - 5, letter)
            canvas.restoreState()
