"""Pictures of runs: figures by matplotlib, and animations that need no other program."""

from .animation import animate
from .comparison import plot_race
from .figure import plot_result
from .saving import save_animation, save_figure
from .strip import LearningRates, learning_rates

__all__ = [
    "LearningRates",
    "animate",
    "learning_rates",
    "plot_race",
    "plot_result",
    "save_animation",
    "save_figure",
]
