"""The decision aid as a tagged PDF (PDF/UA-1), made from the same HTML page."""

from __future__ import annotations

from typing import Any

VARIANT = "pdf/ua-1"


class PdfError(RuntimeError):
    """A PDF that cannot be made here; the message says what is missing."""


def aid_pdf(html: str) -> bytes:
    """
    Return the page as a PDF that a screen reader can read; the same page gives the same bytes.

    :raises PdfError: if WeasyPrint or a system library that it needs is not installed.
    """
    weasyprint = _weasyprint()
    inside = weasyprint.URLFetcher(allowed_protocols=("data",))
    pdf: bytes = weasyprint.HTML(string=html, url_fetcher=inside).write_pdf(pdf_variant=VARIANT)
    return pdf


def _weasyprint() -> Any:
    try:
        import weasyprint
    except (ImportError, OSError) as error:
        raise PdfError(
            f"a PDF needs WeasyPrint and the library Pango ({error}); "
            "on Debian: apt-get install libpango-1.0-0 libpangoft2-1.0-0; HTML needs neither"
        ) from None
    return weasyprint
