"""Pictures of runs show what the runs did."""

import re
import xml.etree.ElementTree as ElementTree

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

import diffkit as dk
from diffkit import optimize
from diffkit.cli import main
from diffkit.errors import ArgumentError
from diffkit.optimize.pictures import save_animation, save_figure
from diffkit.optimize.pictures.landscape import levels
from diffkit.optimize.pictures.overlays import ellipse, parts_of
from diffkit.optimize.pictures.plane import box_around, plane_of

from .browser import executable

BOWL, START = "x^2 + 10*y^2", {"x": 1.0, "y": 1.0}
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def figures(monkeypatch):
    """Draw without a screen, and leave no figure behind."""
    mpl.use("Agg")
    yield
    plt.close("all")


def bowl(method="gd", **options):
    return dk.minimize(BOWL, START, method, steps=20, **options)


def plane(result, coordinates=None):
    return plane_of(result.path.layout, result.path.vectors, coordinates)


def test_the_figure_has_the_path_and_the_curves():
    result = bowl(lr=0.05)
    ax, f, gnorm, lr = result.plot(resolution=9).axes
    drawn = ax.lines[0].get_xydata()
    assert np.array_equal(drawn, result.path.vectors)
    assert np.array_equal(f.lines[0].get_ydata(), result.path.f)
    assert np.array_equal(gnorm.lines[0].get_ydata(), result.path.gnorm)
    assert np.array_equal(lr.lines[0].get_ydata()[1:], result.path.lr[1:])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("x", "y")


def test_many_parameters_are_drawn_in_the_plane_of_the_path():
    """A path within a plane of five dimensions loses nothing there."""
    rng = np.random.default_rng(3)
    basis = np.linalg.qr(rng.normal(size=(5, 2)))[0]
    target = np.arange(5.0)
    start = target + basis @ [3.0, -1.0]
    result = dk.minimize(lambda x: np.sum((x - target) ** 2 * 0.5), start, "gd", lr=0.3, steps=9)
    found = plane(result)
    assert found.directions @ found.directions.T == pytest.approx(np.eye(2), abs=1e-12)
    places = found.places(result.path.vectors)
    back = np.array([found.point(*p) for p in places])
    assert back == pytest.approx(result.path.vectors, abs=1e-9)
    assert "100%" in found.names[0]


def test_two_coordinates_can_be_chosen():
    """The others stay where the run ended."""
    result = dk.minimize(lambda w: np.sum((w - 3) ** 2), np.zeros(4), "gd", lr=0.1, steps=5)
    found = plane(result, (3, 1))
    assert found.names == ("x[3]", "x[1]")
    assert found.point(7.0, 8.0)[[3, 1]].tolist() == [7, 8]
    assert found.point(7.0, 8.0)[[0, 2]].tolist() == result.x[[0, 2]].tolist()
    for wrong in [(0, 4), (1, 1), (2,)]:
        with pytest.raises(ArgumentError, match="two different ones of 0 to 3"):
            plane(result, wrong)


def test_heights_are_f():
    result = bowl(lr=0.05)
    x, y, heights = plane(result).grid(result, np.array([[-1.0, 1.0], [0.0, 2.0]]), 5)
    assert heights == pytest.approx(x[None, :] ** 2 + 10 * y[:, None] ** 2)


def test_minibatch_runs_are_drawn_over_all_data():
    rng = np.random.default_rng(0)
    X, w = rng.normal(size=(50, 2)), np.array([1.0, -2.0])

    def loss(w, X, y):
        return np.mean((X @ w - y) ** 2)

    result = dk.minimize(loss, np.zeros(2), "sgd", lr=0.1, data=(X, X @ w), batch_size=10, steps=9)
    _, _, heights = plane(result).grid(result, np.array([[1.0, 2.0], [-2.0, 0.0]]), 2)
    assert heights[0, 0] == pytest.approx(0, abs=1e-20)
    assert heights[1, 1] == pytest.approx(loss(np.array([2.0, 0.0]), X, X @ w))


def test_contours_are_dense_near_the_bottom():
    """Equal steps in log f above the lowest point, so that a valley has a floor."""
    heights = np.linspace(0, 1000, 2001) ** 2
    at = levels(heights, 0.0)
    assert np.diff(np.log(at)) == pytest.approx(np.diff(np.log(at))[0])
    assert levels(np.full(9, 2.0), 2.0).size == 0
    assert levels(np.array([np.nan, np.inf, 1.0]), 1.0).size == 0


def test_a_step_is_momentum_and_gradient():
    """The two parts by the rule's own formula: v = 0.9 v + g, x -= 0.01 v."""
    result = dk.minimize(BOWL, START, optimize.SGD(lr=0.01, momentum=0.9), steps=8)
    x = result.path.vectors
    parts = parts_of(result, 5)
    assert parts.carried == pytest.approx(0.9 * (x[5] - x[4]), abs=1e-15)
    assert parts.next - parts.at - parts.carried == pytest.approx(-0.01 * x[5] * [2, 20])


@pytest.mark.parametrize(("share", "ahead"), [(0.9, None), (1.0, 1.0)])
def test_a_look_ahead_step_is_taken_from_the_look_ahead_point(share, ahead):
    result = dk.minimize(BOWL, START, optimize.Nesterov(lr=0.01, ahead=ahead), steps=8)
    x = result.path.vectors
    parts = parts_of(result, 5)
    assert parts.ahead == pytest.approx(x[5] + share * (x[5] - x[4]))
    assert parts.carried == pytest.approx(0.9 * (x[5] - x[4]), abs=1e-14)
    assert parts_of(dk.minimize(BOWL, START, "bfgs"), 1).carried is None
    with pytest.raises(ArgumentError, match="from 0 to 7"):
        parts_of(result, 8)


def test_newtons_ellipse_is_a_contour_of_the_quadratic():
    """On a quadratic the model is f: the ellipse is f's own contour through the point."""
    result = bowl(lr=0.02)
    model = ellipse(result, 4, plane(result))
    heights = model[:, 0] ** 2 + 10 * model[:, 1] ** 2
    assert heights == pytest.approx(np.full(len(model), result.path.f[4]))
    saddle = dk.minimize("x^2 - y^2", {"x": 1.0, "y": 0.1}, "gd", lr=0.1, steps=3)
    assert ellipse(saddle, 1, plane(saddle)) is None


def test_a_run_that_diverged_is_still_a_picture():
    """What ran away does not shrink the rest to a point, and nan breaks nothing."""
    result = dk.minimize(BOWL, START, "gd", lr=0.3, steps=50)
    assert result.status == "DIVERGED"
    box = box_around([plane(result).places(result.path.vectors)])
    assert np.all(np.isfinite(box))
    result.plot(step=0, resolution=9)
    assert "nan" not in result.animation(resolution=9)


def test_one_parameter_is_drawn_as_a_curve():
    result = dk.minimize("x^4 - 3*x^2 + x", {"x": 2.0}, "gd", lr=0.03)
    ax = result.plot(step=1).axes[0]
    x, y = ax.lines[0].get_xydata().T
    assert y == pytest.approx(x**4 - 3 * x**2 + x)
    with pytest.raises(ArgumentError, match="needs two parameters"):
        result.animation()


def test_a_race_has_every_path_and_what_it_paid():
    methods = {"GD": optimize.GD(0.05), "Adam": optimize.Adam(lr=0.1)}
    found = optimize.race(BOWL, START, methods, budget=30)
    ax, curves = found.plot(resolution=9).axes
    drawn = {line.get_label(): line.get_xydata() for line in ax.lines}
    for name in methods:
        assert np.array_equal(drawn[name], found[name].path.vectors)
    paid = {line.get_label(): line.get_xydata() for line in curves.lines}
    assert paid["Adam"][:, 0].tolist() == found["Adam"].path.spent.tolist()
    assert np.all(np.diff(paid["Adam"][:, 1]) <= 0)


def test_learning_rates_find_two_over_L():
    """Below 2/L = 0.1 gradient descent converges, above it diverges."""
    found = optimize.learning_rates(BOWL, START, rates=[0.02, 0.09, 0.11, 0.5], steps=300)
    assert found.limit == pytest.approx(2 / 20)
    good = [r.fun < 1e-3 for r in found.results]
    assert good == [True, True, False, False]
    assert "0.1" in found.plot().lines[-1].get_label()
    assert "stable below 0.1" in repr(found)
    assert optimize.learning_rates(BOWL, START, "adam", [0.1], steps=3).limit is None
    with pytest.raises(ArgumentError, match="no learning rate"):
        optimize.learning_rates(BOWL, START, "bfgs")


def test_the_animated_svg_is_a_document_with_every_step():
    """Well-formed, a title in words, as many positions as the path has points."""
    found = optimize.race(
        BOWL, START, {"<b>": optimize.GD(0.05), "Adam": optimize.Adam()}, budget=40
    )
    text = found.animation(resolution=9)
    root = ElementTree.fromstring(text)
    moves = [a for a in root.iter(f"{SVG}animate") if a.get("attributeName") == "cx"]
    assert [len(a.get("values").split(";")) for a in moves] == [40, 40]
    assert "Adam" in root.find(f"{SVG}title").text
    assert "<b>" not in text
    assert "script" not in text


def test_the_page_has_one_script_and_every_step():
    page = bowl(lr=0.05).animation("html", resolution=9)
    assert page.count("<script>") == 1
    assert "sha256-" in page
    assert not re.search(r"@[A-Z]+@", page)
    assert not re.search(r"(src|href)=", page)
    with pytest.raises(ArgumentError, match="'svg' or 'html'"):
        bowl(lr=0.05).animation("gif")


def test_the_slider_moves_every_path(tmp_path):
    """In a browser: each run's circle and numbers are those of the step, and nothing is loaded."""
    path = executable()
    from playwright.sync_api import sync_playwright

    methods = {"GD": optimize.GD(0.05), "<b>": optimize.GD(0.02)}
    found = optimize.race(BOWL, START, methods, budget=20, gtol=0.0)
    page_file = tmp_path / "race.html"
    page_file.write_text(found.animation("html", resolution=9), encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page, troubles, asked = browser.new_page(), [], []
        page.on("console", lambda message: troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(page_file.as_uri())
        for k in (0, 7, 19):
            page.locator("#step").fill(str(k))
            told = page.locator("#runs td").all_inner_texts()
            shown = [float(words.split(",")[0].removeprefix("f = ")) for words in told]
            assert shown == [pytest.approx(r.path.f[k], rel=1e-5) for r in found.results.values()]
        assert page.locator("#runs th").all_inner_texts() == list(methods)
        browser.close()
    assert (troubles, asked) == ([], [page_file.as_uri()])


def test_files_are_written_by_suffix(tmp_path):
    result = bowl(lr=0.05)
    assert save_figure(result, tmp_path / "a.png", resolution=9).read_bytes()[:4] == b"\x89PNG"
    assert save_figure(result, tmp_path / "a.pdf", resolution=9).read_bytes()[:4] == b"%PDF"
    assert "<svg" in save_animation(result, tmp_path / "b.svg", resolution=9).read_text()
    for wrong in ("a.gif", "a"):
        with pytest.raises(ArgumentError, match=r"choose \.svg"):
            save_animation(result, tmp_path / wrong)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.pdf", "a.png", "b.svg"]


def test_the_command_draws(tmp_path):
    drawn = ["--plot", str(tmp_path / "a.svg"), "--animate", str(tmp_path / "a.html")]
    assert main(["minimize", BOWL, "--start", "x=1", "y=1", *drawn]) == 0
    assert (tmp_path / "a.svg").stat().st_size > 1000
    assert "<script>" in (tmp_path / "a.html").read_text()


@pytest.mark.parametrize(
    ("draw", "wrong"),
    [
        ("plot", {"resolution": 1}),
        ("plot", {"resolution": 2.5}),
        ("plot", {"resolution": None}),
        ("plot", {"step": "a"}),
        ("plot", {"step": 1.5}),
        ("plot", {"coordinates": "xy"}),
        ("plot", {"coordinates": (0.5, 1)}),
        ("plot", {"coordinates": (0, 1, 1)}),
        ("plot", {"coordinates": 3}),
        ("animation", {"resolution": 0}),
        ("animation", {"seconds": -1}),
        ("animation", {"seconds": 0}),
        ("animation", {"seconds": float("nan")}),
        ("animation", {"seconds": "a"}),
    ],
)
def test_unusable_arguments_are_named(draw, wrong):
    """Not passed on to fail inside of NumPy, or to stand in the file."""
    result = bowl(lr=0.05)
    with pytest.raises(ArgumentError, match=f"{next(iter(wrong))} must be"):
        getattr(result, draw)(**{"resolution": 9, **wrong})


def test_names_are_printed_as_they_are():
    """A dollar begins no formula, markup is no markup, and control characters are told."""
    names = {"$x_$ <b>&": optimize.GD(0.05), "$\\frac{$": optimize.GD(0.02), "a\x00\x1b": "adam"}
    start = {"$a_$": 1.0, "</title>": 2.0}
    found = optimize.race(lambda p: p["$a_$"] ** 2 + p["</title>"] ** 2, start, names, budget=5)
    figure = found.plot(resolution=9)
    figure.canvas.draw()
    told = figure.axes[1].get_legend().get_texts()
    shown = [*list(names)[:2], "a\ufffd\ufffd"]
    assert [text.get_text().replace("\\$", "$") for text in told] == shown
    root = ElementTree.fromstring(found.animation(resolution=9))
    words = {text.text for text in root.iter(f"{SVG}text")}
    assert {"$x_$ <b>&", "$a_$", "</title>", *shown} <= words
