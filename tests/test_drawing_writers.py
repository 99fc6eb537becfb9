"""Formats: what the files hold, that they are whole, and that no name breaks out of one."""

import re
import shutil
import subprocess
import warnings
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import numpy as np
import pytest

import diffkit as dk
from diffkit.core.program import Program, Step
from diffkit.core.tracing import abstract
from diffkit.drawing.latex import latex, latex_name
from diffkit.drawing.writers import WRITERS
from diffkit.drawing.writers.tex import escape
from diffkit.primitives import PRIMITIVES

from .drawing_cases import LECTURES

CLASSIC = ("d = x*y; f = d + z*x", {"x": 2, "y": -5, "z": 3})
SVG = "{http://www.w3.org/2000/svg}"

EVIL = [
    "<img src=x onerror=alert(1)>",
    'javascript:alert("1")',
    "'quotes\" and `ticks`",
    "back\\slash \\N \\G\\",
    "]]><script>alert(1)</script>",
    "}\\input{/etc/passwd}\\write18{ls}",
    "\x1b[31mred\x07\x00\x9b1m",
    "right\u202eto\u2066left\u200f",
    "in\u200bvis\u2060i\xadble\ufeff",
    "a]; evil [label=pwn",
    "n0(click) -- x --> n1; %%{init}%%",
    "$x^2$ & 100% #1 ~ _a_",
]


def named_program(name):
    """x*x under a hostile name, which no text or function would allow."""
    number = abstract((), np.dtype(float))
    steps = [
        Step(f"{name} squared", PRIMITIVES["multiply"], (name, name), {}, number),
        Step("out", PRIMITIVES["sin"], (f"{name} squared",), {}, number),
    ]
    return Program({name: number}, steps, ["out"])


def written(drawing, suffix, tmp_path, step=None):
    return drawing.save(tmp_path / f"picture.{suffix}", step).read_bytes()


@pytest.mark.parametrize("suffix", WRITERS)
def test_every_format_shows_the_numbers(suffix, tmp_path):
    """Values and gradients are in every file, in all of the picture and in each step."""
    drawing = dk.draw(*CLASSIC)
    content = written(drawing, suffix, tmp_path)
    assert len(content) > 300
    if suffix in ("svg", "dot", "mmd", "txt"):
        assert all(number in content.decode() for number in ("−10.0", "6.00", "−4.00"))
    if suffix == "tex":
        assert "$-$10.0" in content.decode()
    assert written(drawing, suffix, tmp_path, step=0) != content


# -- SVG ----------------------------------------------------------------------------------


def test_svg_is_plain():
    """Well-formed; no styles, scripts, classes, links; a fixed viewBox; title and desc."""
    root = ET.fromstring(dk.draw(*CLASSIC).svg())
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags <= {"svg", "title", "desc", "g", "rect", "path", "polygon", "text"}
    attributes = {name for element in root.iter() for name in element.attrib}
    assert not {name for name in attributes if name in ("style", "class") or "href" in name}
    assert root.attrib["viewBox"].startswith("0 0 ")
    assert root.find(f"{SVG}title").text == "Computational graph of f"
    assert "d = x·y = −10.0" in root.find(f"{SVG}desc").text


def test_ids_differ_between_drawings():
    """Two pictures in one page do not share an id."""
    ids = [
        {e.attrib["id"] for e in ET.fromstring(dk.draw(*case).svg()).iter() if "id" in e.attrib}
        for case in (CLASSIC, LECTURES["sigmoid neuron"])
    ]
    assert ids[0]
    assert not ids[0] & ids[1]


def test_gradients_are_bold_and_below_values():
    """Colour is never the only difference."""
    scene = dk.draw(*CLASSIC).scene
    by_wire: dict = {}
    for label in scene.labels:
        by_wire.setdefault(label.of, {})[label.role] = label
    pairs = [found for found in by_wire.values() if "value" in found and "gradient" in found]
    assert pairs
    assert all(found["value"].y < found["gradient"].y for found in pairs)
    root = ET.fromstring(dk.draw(*CLASSIC).svg())
    gradients = [e for e in root.iter() if e.attrib.get("data-role") == "gradient"]
    assert all(e.attrib["font-weight"] == "bold" for e in gradients)
    assert {e.attrib["fill"] for e in gradients} == {"#B24A00"}


def contrast(first, second):
    """The WCAG 2 contrast ratio of two colours."""

    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", ["default", "cs231n", "mono", "dark"])
def test_themes_are_readable(name):
    """Text has the contrast that WCAG asks of normal text, 4.5 to 1."""
    theme = dk.draw(*CLASSIC, theme=name).theme
    for colour in (theme.value, theme.gradient, theme.ink, theme.faint):
        assert contrast(colour, theme.background) >= 4.5


# -- frames --------------------------------------------------------------------------------


def test_frames_have_one_size_and_grow(tmp_path):
    """One file a step, the same viewBox; a dot where nothing is computed, never a 0."""
    drawing = dk.draw(*CLASSIC)
    paths = drawing.frames(tmp_path, "svg")
    texts = [path.read_text() for path in paths]
    assert len(paths) == len(drawing.steps) == 1 + 3 + 1 + 3
    assert len({re.search('viewBox="(.*?)"', text)[1] for text in texts}) == 1
    dots = [text.count(">·<") for text in texts]
    assert dots == sorted(dots, reverse=True)
    assert dots[-1] == 0
    assert not any(re.search(r">0(\.0*)?<", text) for text in texts)


def test_frames_end_with_the_chain_rule_in_numbers(tmp_path):
    drawing = dk.draw("d = x*y; f = d + z", {"x": 2, "y": -5, "z": 3})
    last = drawing.frames(tmp_path)[-1].read_text()
    assert "∂f/∂x = ∂f/∂d · ∂d/∂x = 1.00 · (−5.00) = −5.00" in last


def test_pdf_of_all_steps_has_a_page_each_and_selectable_text(tmp_path):
    drawing = dk.draw(*CLASSIC)
    whole = drawing.frames(tmp_path, "pdf")[-1]
    content = whole.read_bytes()
    assert content.count(b"/Type /Page\n") + content.count(b"/Type /Page ") == len(drawing.steps)
    assert b"DejaVuSans" in content
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed: apt-get install poppler-utils")
    text = subprocess.run(
        ["pdftotext", whole, "-"], capture_output=True, text=True, check=True
    ).stdout
    assert "−10.0" in text


def test_labels_too_small_for_a_slide_are_warned_about(tmp_path):
    """A chain of 40 operations cannot be read on one slide; a single product can."""
    chain = "; ".join(["y0 = x*x", *[f"y{i} = sin(y{i - 1})" for i in range(1, 40)]])
    with pytest.warns(dk.errors.SmallLabelsWarning, match="18"):
        dk.draw(chain, {"x": 1.0}).frames(tmp_path, "txt")
    dk.draw("x*y", {"x": 1.0, "y": 2.0}).frames(tmp_path, "txt")


# -- names that attack -----------------------------------------------------------------------


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))


@pytest.mark.parametrize("name", EVIL)
def test_svg_and_html_show_names_as_text(name):
    """No tag, attribute or link comes from a name, whether read as XML or as HTML."""
    svg = dk.draw(named_program(name), {name: 2.0}).svg()
    ET.fromstring(svg)
    tags = Tags()
    tags.feed(svg)
    assert {tag for tag, _ in tags.found} <= {
        "svg", "title", "desc", "g", "rect", "path", "polygon", "text"
    }  # fmt: skip
    assert not any(
        key.startswith("on") or "href" in key for _, found in tags.found for key in found
    )
    assert "squared" in svg


@pytest.mark.parametrize("name", EVIL)
def test_no_control_or_direction_characters_anywhere(name, tmp_path):
    """They are shown as symbols: in files, in the terminal, in notebooks."""
    drawing = dk.draw(named_program(name), {name: 2.0})
    texts = [written(drawing, s, tmp_path).decode() for s in ("svg", "tex", "dot", "mmd", "txt")]
    texts += [repr(drawing), *drawing._repr_mimebundle_().values()]
    bad = re.compile(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b-\u200d\u2028\u2029\u2060-\u2065\ufeff]"
    )
    for text in texts:
        assert not bad.search(text)


@pytest.mark.parametrize("name", EVIL)
def test_tex_holds_no_command_from_a_name(name, tmp_path):
    """Only commands of ours occur, and braces are balanced."""
    drawing = dk.draw(named_program(name), {name: 2.0})
    picture = written(drawing, "tex", tmp_path).decode().partition("\\begin{tikzpicture}")[2]
    commands = set(re.findall(r"\\([a-zA-Z]+)", picture))
    assert not commands & {"input", "write", "include", "csname", "immediate"}
    plain = re.sub(r"\\[{}\\]", "", picture)
    assert plain.count("{") == plain.count("}")


@pytest.mark.parametrize("name", EVIL)
def test_latex_of_a_hostile_name_has_no_command_of_it(name):
    """SymPy would print a symbol's name as it is."""
    for text in (latex_name(name), latex(named_program(name)), escape(name)):
        assert "\\input{/" not in text
        assert "\\write18" not in text


@pytest.mark.parametrize("name", EVIL)
def test_dot_has_our_nodes_only(name, tmp_path):
    """dot reads the file and finds the nodes n0, n1, n2 and no links."""
    drawing = dk.draw(named_program(name), {name: 2.0})
    source = written(drawing, "dot", tmp_path).decode()
    if shutil.which("dot") is None:
        pytest.skip("dot is not installed: apt-get install graphviz")
    done = subprocess.run(
        ["dot", "-Tsvg"], input=source, capture_output=True, text=True, check=True
    )
    root = ET.fromstring(done.stdout)
    titles = [e.text for e in root.iter(f"{SVG}title")]
    assert sorted(t for t in titles if t and "->" not in t and t != "%3") == [
        "n0",
        "n1",
        "n2",
        "n3",
    ]
    assert not list(root.iter(f"{SVG}a"))


@pytest.mark.parametrize("name", EVIL)
def test_mermaid_has_our_nodes_only(name, tmp_path):
    """Every line is a node or an edge of ours; quotes and brackets are codes."""
    lines = (
        written(dk.draw(named_program(name), {name: 2.0}), "mmd", tmp_path).decode().splitlines()
    )
    node = r'n\d+\(+\[?"[^"<>\[\]{}`\\|%]*"\]?\)+'
    edge = r'n\d+ (-- "[^"<>\[\]{}`\\|%]*" )?--> n\d+'
    assert all(re.fullmatch(rf"    ({node}|{edge})", line) for line in lines[1:])


def test_tikz_compiles(tmp_path):
    """The picture alone, and the Beamer frame with an overlay a step."""
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not installed: apt-get install texlive-latex-recommended")
    name = "}\\input{/etc/passwd} <é θ_1> 変"
    drawing = dk.draw(named_program(name), {name: 2.0})
    drawing.save(tmp_path / "alone.tex")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dk.errors.SmallLabelsWarning)  # the name is long
        steps = drawing.frames(tmp_path, "tex")[-1]
    for path, pages in ((tmp_path / "alone.tex", 1), (steps, len(drawing.steps))):
        done = subprocess.run(
            ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", path.name],
            cwd=tmp_path, capture_output=True, text=True, errors="replace", timeout=60,
        )  # fmt: skip
        if "beamer.cls' not found" in done.stdout:
            pytest.skip("beamer is not installed: apt-get install texlive-latex-recommended")
        assert f"({pages} page" in done.stdout, done.stdout[-800:]


# -- bad input --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "known"),
    [
        ({"theme": "neon"}, "default, cs231n, mono, dark"),
        ({"layout": "spring"}, "layered, dot"),
        ({"view": "3d"}, "dag, tree, both, mirror, network, backward"),
        ({"direction": "RL"}, "LR, TB"),
        ({"show": "sideways"}, "forward, backward, both"),
        ({"labels": ["values"]}, "value, gradient, local, product, sum, name"),
        ({"highlight": "corners"}, "kink, saturated"),
        ({"chain": "w"}, "no variable 'w'"),
    ],
)
def test_unknown_options_list_the_known_ones(options, known):
    with pytest.raises(dk.errors.ArgumentError, match=re.escape(known)):
        dk.draw("x*y", **options)


@pytest.mark.parametrize("name", ["picture.gif", "picture", "picture.SVGZ"])
def test_unknown_suffix_lists_the_known_ones_and_writes_nothing(name, tmp_path):
    with pytest.raises(dk.errors.ArgumentError, match=r"formats are \.svg, .*\.pdf, \.png, \.tex"):
        dk.draw("x*y").save(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    """When writing fails, the old file is still there and no other."""
    drawing, path = dk.draw("x*y"), tmp_path / "picture.svg"
    drawing.save(path)
    before = path.read_bytes()

    def full(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr("diffkit.files.os.replace", full)
    with pytest.raises(OSError, match="no space"):
        dk.draw("x+y").save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_without_values_the_picture_says_so():
    drawing = dk.draw("x*y")
    assert "give x, y as at=" in drawing.notes[0]
    assert "give x, y as at=" in drawing.svg()
    assert ">·<" in drawing.svg()


def test_a_step_that_is_not_there(tmp_path):
    with pytest.raises(dk.errors.ArgumentError, match="steps are 0 to"):
        dk.draw("x*y").save(tmp_path / "a.svg", step=99)
    with pytest.raises(dk.errors.ArgumentError, match="steps are 0 to"):
        dk.draw("x*y").save(tmp_path / "a.html", step=99)
    with pytest.raises(dk.errors.ArgumentError, match="no step 'last'"):
        dk.draw("x*y").svg(step="last")


def test_a_view_without_steps_says_so(tmp_path):
    """No empty directory that looks like success."""
    tree = dk.draw("x*y", {"x": 1, "y": 2}, view="tree")
    with pytest.raises(dk.errors.ArgumentError, match='view "tree" has no steps'):
        tree.frames(tmp_path / "steps")
    assert not (tmp_path / "steps").exists()
    with pytest.raises(dk.errors.ArgumentError, match="this view has none"):
        tree.svg(step=0)


@pytest.mark.parametrize("collapse", [-1, "some", 2.5])
def test_collapse_is_a_number_of_nodes(collapse):
    with pytest.raises(dk.errors.ArgumentError, match="collapse is a number of nodes"):
        dk.draw("x*y", collapse=collapse)


def test_missing_and_superfluous_values():
    with pytest.raises(dk.errors.ArgumentError, match="missing y"):
        dk.draw("x*y", {"x": 1})
    with pytest.raises(dk.errors.ArgumentError, match="superfluous z"):
        dk.draw("x*y", {"x": 1, "y": 2, "z": 3})


def test_notebooks_get_svg_latex_and_text():
    bundle = dk.draw(*CLASSIC)._repr_mimebundle_()
    assert set(bundle) == {"image/svg+xml", "text/latex", "text/plain"}
    ET.fromstring(bundle["image/svg+xml"])
