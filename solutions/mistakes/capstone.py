"""The capstone's tasks: laws, a budget, three questions. A free design has no named mistakes."""

from attnlab.check.cases import BlockTask, DesignTask
from attnlab.train import RECIPES
from solutions.capstone import Capstone

OWN = {"placement": "own", "config": {}}

TASKS = {
    "laws": BlockTask(  # nobody's numbers are compared with the reference's
        Capstone,
        configs=({"channels": 16}, {"channels": 16}, {"channels": 32}),
        shapes=((3, 16, 8, 7), (3, 16, 5, 7), (3, 32, 3, 4)),
    ),
    "rule": DesignTask(Capstone, RECIPES["rule"] | OWN, floor=0.8, classes=4),
    "hidden": DesignTask(
        Capstone, RECIPES["rule"] | OWN | {"question": "beside"}, floor=0.8, classes=2
    ),
    "cifar": DesignTask(Capstone, RECIPES["cifar"] | OWN, images=1000),
}
