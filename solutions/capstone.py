# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Where would you look?
#
# Source: none. This is a design of your own, under a budget, from what the chapters taught.
#
# **16 points, about 180 minutes.** You design one attention block, choose its place in the host,
# and defend the choice.
#
# 1. **The budget** (task 1): at most 1 % more numbers than the plain host has parameters, and at
#    most 3 % more multiply-adds. For the bench host that is 57 numbers and 10,325 multiply-adds.
#    Non-local attention costs many times that; SE with r = 2 costs 256 numbers.
# 2. **The laws** (task 2): a block leaves its input alone, keeps its shape, and treats every image
#    by itself.
# 3. **The question you know** (task 3): *rule*, with its answers renamed.
# 4. **The question you do not know** (task 4): another one of the bench's. Channels alone do not
#    answer it; *where* a thing lies counts.
# 5. **Photographs** (task 5): on CIFAR-10 the host with your block is about as good as without it.
# 6. **The defence** (task 6): in your own words, marked by a person.
#
# How it is graded: one process trains the host with your block and hands back its weights as plain
# tensors. A second, fresh process gets your cell, those tensors and new images, and answers. It
# never sees a label. All the numbers in those tensors count against the budget, and your cell may
# have 4,000 characters, so that no weights travel in its text.

# %% name="imports" tags=["setup"]
import torch
import torch.nn.functional as F  # noqa: F401 (for the students)
from torch import nn

# %% name="tools" tags=["setup", "active-ipynb"]
# from attnlab.check import check
# from attnlab.train import RECIPES

# %% [markdown]
# ## Your design
#
# `placement` is one of "stage1" (once, after the first stage), "before-sum" and "after-sum" (once,
# in the first residual block), "last" (once, in the last), or "every". `__init__` gets the number
# of channels of its place and nothing else.
#
# Everything of yours that the block needs belongs into this cell: it travels alone.


# %% solution="design" most=4000
class Capstone(nn.Module):
    """Capstone(channels): (B, C, H, W) -> (B, C, H, W), at the place that `placement` names."""

    placement = "stage1"

    ### BEGIN SOLUTION
    # One gate for each channel, from the averages of its neighbours (ECA), then one for each place,
    # from maximum and mean over the channels, by nine dilated taps that reach seven places far.
    def __init__(self, channels):
        super().__init__()
        self.hear = nn.Conv1d(1, 1, 3, padding=1, bias=False)
        self.look = nn.Conv2d(2, 1, 3, padding=3, dilation=3, bias=False)
        self.norm = nn.BatchNorm2d(1)

    def forward(self, x):
        heard = self.hear(x.mean(dim=(2, 3))[:, None])[:, 0]
        x = x * torch.sigmoid(heard)[:, :, None, None]
        seen = torch.cat([x.amax(1, keepdim=True), x.mean(1, keepdim=True)], dim=1)
        return x * torch.sigmoid(self.norm(self.look(seen)))

    ### END SOLUTION


# %% [markdown]
# ## Task 1. The budget (design; 2 points, 30 minutes)
#
# What the trained host holds beyond the plain one is counted: parameters, running statistics, all.
# Multiply-adds are counted for one image of 32 x 32 in the bench host.
#
# <details><summary>Hint 1</summary>Which mechanisms of the chapters have less than 57 numbers at 16
# channels? Which have none but a scale?</details>
# <details><summary>Hint 2</summary>A dilated kernel reaches farther with the same
# numbers.</details>

# %% name="spent" tags=["active-ipynb"]
# from attnlab.costs import count
# from attnlab.train import recipe_host
#
# own = RECIPES["rule"] | {"placement": "own", "config": {}}
# plain, yours = (count(recipe_host(own, block), (3, 32, 32)) for block in (None, Capstone))
# for what in ("parameters", "multiply_adds"):
#     before, after = getattr(plain, what), getattr(yours, what)
#     print(f"{what:13} {before:8,} + {after - before:6,}, {after / before - 1:.2%}")

# %% test="numbers" points=1 tags=["active-ipynb"]
# check("capstone.rule", Capstone, "numbers")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("capstone.rule", Capstone, "numbers")
# ### END HIDDEN TESTS

# %% test="multiply-adds" points=1 tags=["active-ipynb"]
# check("capstone.rule", Capstone, "multiply-adds")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("capstone.rule", Capstone, "multiply-adds")
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 2. The laws (design; 1 point, 10 minutes)
#
# With any weights, in eval mode, on maps of several sizes. A block that does nothing has no points.

# %% test="laws" points=1 tags=["active-ipynb"]
# check("capstone.laws", Capstone, "shape", "batch", "input", "repeat", "dtype")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("capstone.laws", Capstone, "shape", "batch", "input", "repeat", "dtype")
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 3. A question you know (design; 3 points, 40 minutes)
#
# *rule*: the cue's colour says how the object's texture is to be read. The grader renames the
# answers and draws new images; 0.8 of them must be right.

# %% name="practice" tags=["active-ipynb"]
# from attnlab.questions import draw
# from attnlab.train import accuracy, run_recipe
#
# new = draw("rule", 512, seed=77)
# reached = {}
# for name, block in {"no block": None, "your block": Capstone}.items():
#     reached[name] = accuracy(run_recipe(own, block), new.images, new.labels)
#     print(f"{name:10} answers {reached[name]:.1f} of new images")

# %% name="practice-answer" tags=["active-ipynb"]
# # NBVAL_CHECK_OUTPUT
# print("your block over 0.8:", reached["your block"] > 0.8)

# %% test="rule" points=3 tags=["active-ipynb", "trains"]
# check("capstone.rule", Capstone, "answers")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("capstone.rule", Capstone, "answers")
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 4. A question you do not know (design; 4 points, 60 minutes)
#
# The grader puts another question of the bench to your block: one that channel gates cannot
# answer, since two objects look as likely and only their place decides. Which of the bench's
# questions could it be, and what has your block for it? Try it on them: `draw(name, n, seed)` and a
# recipe with another `question` are all you need.

# %% name="trial" tags=["active-ipynb"]
# from attnlab.questions import QUESTIONS
#
# for name, question in QUESTIONS.items():
#     print(f"{name:8} {question.sentence}")

# %% test="hidden" points=4 tags=["active-ipynb", "trains"]
# assert isinstance(Capstone.placement, str), "placement must be the name of a place, as a string"
# ### BEGIN HIDDEN TESTS
# check("capstone.hidden", Capstone, "answers")
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 5. Photographs (experiment; 2 points, 10 minutes)
#
# On CIFAR-10 the host has three stages and 78,042 parameters. With your block in it, it must be
# right about as often as without. Without the images (`python -m attnlab.cifar10 data` fetches
# them) nothing is trained and no point is lost.

# %% test="photographs" points=2 tags=["active-ipynb", "trains"]
# check("capstone.cifar", Capstone, "answers")
# ### BEGIN HIDDEN TESTS
# from solutions.mistakes import recheck
#
# recheck("capstone.cifar", Capstone, "answers")
# ### END HIDDEN TESTS

# %% [markdown]
# ## Task 6. The defence (defence; 4 points, 30 minutes)
#
# In at most 300 words: what must a block be able to do for each question, and which part of yours
# does it? Why this place and not another? What did you measure, how often, and what does it show?
# Which mechanism did you turn down, and for what reason?
#
# | point | is given for |
# | --- | --- |
# | 1 | each question's need is named, and matched with a part of the block |
# | 1 | the place is argued for, with a measurement or with what arrives there |
# | 1 | measured differences come with the number of seeds and a spread, and the words follow them |
# | 1 | an alternative is named with its cost, and the reason against it would convince its author |

# %% [markdown] manual="defence" points=4
# ### BEGIN SOLUTION
# *rule* needs a fact from anywhere to change how another is read: a gate for each channel, made
# from averages over the whole map. ECA's three weights do that; SE with r = 2 does it as well and
# costs 256 numbers, 199 above the budget. The hidden question needs the places around a thing to
# decide whether it counts, which is what a spatial gate sees; with nine dilated taps it reaches
# seven places for 18 weights where CBAM's kernel of 7 would take 98.
#
# The place is after the first stage, where textures and colours have been recognised and the map
# still has all its 64 places; before the sum of the first block the gate sees one branch only.
#
# Over ten seeds the design answered all new images of *rule* in every run, and between 0.96 and
# 1.00 of the question of place. That says that it works, not that it is the best.
#
# Non-local attention would answer more kinds of questions, but even with eight channels inside it
# adds 552 numbers and more than a third to the multiply-adds.
# ### END SOLUTION
