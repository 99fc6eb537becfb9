"""Programs and graphs to draw: the lectures' own, random ones, and large ones."""

import random

import numpy as np

import diffkit as dk
from diffkit.drawing.layout.plan import Graph, Size

LECTURES = {
    "product and sum": ("d = x*y; f = d + z", {"x": 2, "y": -5, "z": 3}),
    "sigmoid neuron": (
        "f = 1/(1 + exp(-(w0*x0 + w1*x1 + w2)))",
        {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3},
    ),
    "least squares": (
        "r = y - X @ theta; J = r @ r + lam*(theta @ theta)",
        {
            "X": np.array([[1.0, 2.0], [1.0, 3.0], [1.0, 5.0]]),
            "theta": np.array([0.5, 1.0]),
            "y": np.array([3.0, 4.0, 5.0]),
            "lam": 0.1,
        },
    ),
    "four weights": (
        "a1 = w1*x + b; f1 = tanh(a1); a2 = w2*f1; f2 = tanh(a2); a3 = w3*f2; f3 = tanh(a3); "
        "L = (y - f3)**2/2",
        {"w1": 0.5, "w2": -1, "w3": 2, "b": 0.1, "x": 1, "y": 1},
    ),
    "softmax cross-entropy": (
        "e = exp(s - max(s)); p = e/sum(e); L = -log(sum(t*p))",
        {"s": np.array([3.2, 5.1, -1.7]), "t": np.array([1.0, 0.0, 0.0])},
    ),
    "used three times": ("L = w*w + w*sin(w)*exp(-w)", {"w": 0.7}),
    "nothing to do": ("x", {"x": 1.5}),
    "no input": ("f = 2*3", {}),
}

NODE = Size(40.0, 17.0, 17.0)
_BINARY = [np.add, np.multiply, np.subtract, np.maximum]
_UNARY = [np.sin, np.exp, np.tanh, lambda v: 1 / v, lambda v: v**2, np.negative]


def random_program(seed, steps=None):
    """A Program of up to 30 steps over up to 5 inputs, and a point; names of any length."""
    choose = random.Random(seed)
    count = choose.randint(1, 5)
    length = steps or choose.randint(1, 30)
    names = [choose.choice("xyzw") * choose.randint(1, 12) + str(i) for i in range(count)]

    def build(**inputs):
        values = list(inputs.values())
        for _ in range(length):
            recent = values[-choose.randint(1, 12) :]
            if choose.random() < 0.6:
                value = choose.choice(_BINARY)(choose.choice(recent), choose.choice(values))
            else:
                value = choose.choice(_UNARY)(choose.choice(recent))
            values.append(value)
        return values[-1]

    at = {name: choose.uniform(-2, 2) for name in names}
    with np.errstate(all="ignore"):
        return dk.lower(build, **at), at


def random_graph(seed, nodes, window, slot=None):
    """A graph of operations with one or two operands, not farther back than the window."""
    choose = random.Random(seed)
    wires = [
        (source, target)
        for target in range(max(2, nodes // 10), nodes)
        for source in {
            choose.randrange(max(0, target - window), target)
            for _ in range(choose.choice([1, 2, 2]))
        }
    ]
    return Graph([NODE] * nodes, wires, [slot] * len(wires))


def net_graph(*layers):
    """Fully connected layers of units."""
    starts = [sum(layers[:k]) for k in range(len(layers) + 1)]
    wires = [
        (a, b)
        for k in range(len(layers) - 1)
        for a in range(starts[k], starts[k + 1])
        for b in range(starts[k + 1], starts[k + 2])
    ]
    return Graph([NODE] * sum(layers), wires, [None] * len(wires))


def program_graph(program, slot=None):
    """The graph of a Program's variables, with nodes of one size."""
    number = {name: i for i, name in enumerate([*program.inputs, *[s.name for s in program.steps]])}
    wires = [
        (number[operand], number[step.name])
        for step in program.steps
        for operand in dict.fromkeys(o for o in step.operands if isinstance(o, str))
    ]
    return Graph([NODE] * len(number), wires, [slot] * len(wires))


def sixty_graphs():
    """Lectures' graphs and their adjoints, random Programs, random graphs, nets."""
    programs = [dk.lower(text, **at) for text, at in list(LECTURES.values())[:6]]
    programs += [p.adjoint() for p in programs]
    programs += [random_program(seed, steps=30 + seed)[0] for seed in range(18)]
    graphs = [program_graph(program) for program in programs]
    graphs += [random_graph(seed, 20 + 5 * seed, 8 + seed) for seed in range(24)]
    graphs += [
        net_graph(*sizes)
        for sizes in ((3, 4, 2), (2, 5, 5, 1), (4, 4), (1, 6, 1), (3, 3, 3, 3), (6, 3, 6))
    ]
    return graphs
