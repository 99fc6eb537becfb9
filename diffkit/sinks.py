"""Text from users on its way into pictures and pages: visible, escaped, and never run."""

from __future__ import annotations

import base64
import hashlib

# What could break out of a line, turn it around or is not allowed in XML, made visible.
_HIDDEN = {i: 0x2400 + i for i in range(32)} | {127: 0x2421}
_HIDDEN |= dict.fromkeys([*range(0x80, 0xA0), 0xAD, 0x61C, *range(0x200B, 0x2010)], 0xFFFD)
_HIDDEN |= dict.fromkeys([*range(0x2028, 0x202F), *range(0x2060, 0x2070)], 0xFFFD)
_HIDDEN |= dict.fromkeys([*range(0xD800, 0xE000), 0xFFFE, 0xFFFF, 0xFEFF], 0xFFFD)


def visible(text: str) -> str:
    r"""Replace control and direction characters by symbols that only look like them.

    >>> visible("a\x1b[31m\u202eb")
    'a␛[31m�b'
    """
    return text.translate(_HIDDEN)


def sealed(script: str) -> tuple[str, str]:
    r"""Return a page's one script as it may stand in it, and the policy that allows only that.

    Inside of a script element only ``</`` and ``<!--`` begin anything; in strings and
    comments, where alone they can come from a name, the escape means the same.

    >>> sealed("const name = '</script>';")[0]
    "const name = '<\\/script>';"
    """
    script = script.replace("</", "<\\/").replace("<!--", "<\\!--").replace("\r", "\n")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return script, f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
