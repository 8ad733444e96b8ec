"""The capstone's tasks: a budget and three questions. A free design has no named mistakes."""

from attnlab.check.cases import DesignTask
from attnlab.train import RECIPES
from solutions.capstone import Capstone

OWN = {"placement": "own", "config": {}}

TASKS = {
    "rule": DesignTask(Capstone, RECIPES["rule"] | OWN, floor=0.8, classes=4),
    "hidden": DesignTask(
        Capstone, RECIPES["rule"] | OWN | {"question": "beside"}, floor=0.8, classes=2
    ),
    "cifar": DesignTask(Capstone, RECIPES["cifar"] | OWN, images=1000),
}
