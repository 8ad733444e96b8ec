"""The registry's closed forms: against counted numbers, and in what they say when misused."""

import pytest

from attnlab.mechanisms import MECHANISMS, Formula, mechanism

# ResNet-50's blocks: (channels, height and width at 224 pixels, how many), by stage.
STAGES = {2: (256, 56, 3), 3: (512, 28, 4), 4: (1024, 14, 6), 5: (2048, 7, 3)}


def over_stages(formula, stages=(2, 3, 4, 5), **settings):
    """The sum of a closed form over every block of some stages of ResNet-50."""
    total = 0
    for stage in stages:
        channels, side, blocks = STAGES[stage]
        total += blocks * formula(channels=channels, height=side, width=side, **settings)
    return total


def parameters(key, stages=(2, 3, 4, 5), **settings):
    return over_stages(mechanism(key).parameters, stages, **settings)


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        (parameters("se"), 2_514_944),
        (parameters("se", bias=1), 2_530_992),
        (parameters("cbam"), 2_532_592),
        (parameters("cbam", bias=0), 2_516_544),
        (parameters("cbam", bias=0, norm=0), 2_516_512),
        (sum(mechanism("bam").parameters(channels=c) for c in (256, 512, 1024)), 358_067),
        (parameters("gc", stages=(3, 4, 5)), 2_521_741),
        (parameters("gc", stages=(3, 4, 5), reduction=4), 10_000_909),
        (parameters("gc"), 2_548_000),
        (mechanism("gc").parameters(channels=1024), 133_313),
        (mechanism("nonlocal").parameters(channels=1024), 2_101_760),
        (mechanism("cc").parameters(channels=512), 328_321),
        (mechanism("da").parameters(channels=512, channel=0), 328_321),
        (mechanism("da").parameters(channels=512, position=0), 1),
        (mechanism("a2").parameters(channels=1024), 1_050_368),
        (parameters("nam"), 30_208),
        (parameters("fca"), 2_514_944),
        (parameters("ge", theta=0, mlp=0), 0),
        (parameters("ge", mlp=0), 5_549_568),
        (parameters("ge"), 8_080_560),
        (parameters("ge", mlp=0, steps=3), 498_432),
        (parameters("scse"), 20_157_328),
        (parameters("spa"), 27_664_384),
        (parameters("gsop"), 10_748_672),
    ],
)
def test_parameters_that_resnet_50_gains(added, expected):
    assert added == expected


def test_eca_on_resnet_50_by_hand_set_kernels():
    kernels = {2: 3, 3: 5, 4: 5, 5: 7}
    eca = mechanism("eca")
    assert sum(parameters("eca", (stage,), kernel=k) for stage, k in kernels.items()) == 80
    counted = [over_stages(eca.multiply_adds, (s,), kernel=k) for s, k in kernels.items()]
    assert sum(counted) == 86_272
    assert eca.parameters(channels=16, kernel=3, shared=0) == 48


# Parameters of the golden cases: counted there from the arrays of official or trusted code.
@pytest.mark.parametrize(
    ("key", "settings", "expected"),
    [
        ("se", {"channels": 16, "reduction": 4}, 128),
        ("se", {"channels": 16, "reduction": 2, "bias": True}, 280),
        ("cbam", {"channels": 16, "reduction": 4}, 248),
        ("cbam", {"channels": 16, "reduction": 4, "bias": 0}, 228),
        ("nonlocal", {"channels": 16}, 584),
        ("nonlocal", {"channels": 16, "inner": 16}, 1120),
        ("nonlocal", {"channels": 16, "embed": 0}, 312),
        ("nonlocal", {"channels": 16, "concat": 1}, 600),
        ("nonlocal", {"channels": 16, "norm": 0}, 552),
        ("gc", {"channels": 16, "reduction": 4}, 173),
        ("gc", {"channels": 16, "reduction": 4, "transforms": 2}, 329),
        ("gc", {"channels": 16, "reduction": 4, "attention": 0}, 156),
        ("cc", {"channels": 16}, 341),
        ("da", {"channels": 16, "channel": 0}, 341),
        ("bam", {"channels": 32, "reduction": 4}, 2057),
        ("bam", {"channels": 32, "reduction": 8}, 757),
        ("scse", {"channels": 16}, 297),
        ("a2", {"channels": 16, "features": 8, "maps": 4}, 416),
        ("a2", {"channels": 16, "features": 8, "maps": 4, "out": 0}, 272),
        ("sk", {"channels": 32, "groups": 4, "inner": 8}, 5520),
        ("spa", {"channels": 16, "reduction": 4}, 1408),
        ("ge", {"channels": 16, "height": 6, "width": 7, "mlp": 0}, 704),
        ("ge", {"channels": 16, "height": 6, "width": 7, "hidden": 4}, 852),
        ("ge", {"channels": 16, "positions": 42, "steps": 2, "hidden": 4}, 500),
        ("ra", {"channels": 8}, 712),
        ("ann", {"channels": 16, "key_channels": 8, "value_channels": 6}, 926),
        ("ocr", {"channels": 16, "out_channels": 12}, 1228),
        ("iau", {"channels": 16}, 991),
        ("gsop", {"channels": 64, "inner": 8}, 2952),
        ("hacnn", {"channels": 32, "hard": 0}, 1366),
        ("hacnn", {"channels": 32, "soft": 0}, 264),
        ("fca", {"channels": 32, "reduction": 4}, 512),
        ("nam", {"channels": 16}, 32),
        ("ram", {"g": 4, "what": 7, "where": 5}, 526),
        ("bahdanau", {"query_size": 5, "key_size": 7, "hidden": 6}, 78),
        ("sat", {"region_size": 6, "state_size": 5, "hidden": 7}, 99),
        ("mha", {"embedding": 12}, 624),
    ],
)
def test_parameters_of_golden_cases(key, settings, expected):
    assert mechanism(key).parameters(**settings) == expected


@pytest.mark.parametrize(("spatial", "channel", "expected"), [(1, 0, 864), (0, 1, 1078)])
def test_parameters_of_golden_relation_aware(spatial, channel, expected):
    ratios = {"channel_ratio": 4, "spatial_ratio": 6, "down_ratio": 2}
    size = {"channels": 16, "height": 6, "width": 7}
    count = mechanism("rga").parameters(**size, **ratios, spatial=spatial, channel=channel)
    assert count == expected


def test_multiply_adds_on_resnet_50_at_224_pixels():
    se = mechanism("se")
    assert over_stages(se.multiply_adds) == 2_514_944
    assert over_stages(se.pooling) == over_stages(se.rescale) == 5_519_360
    block = {"channels": 1024, "height": 14, "width": 14}
    assert mechanism("nonlocal").multiply_adds(**block) == 450_379_776
    assert mechanism("gc").multiply_adds(**block) == 532_480
    cbam = mechanism("cbam").multiply_adds
    assert over_stages(cbam, hidden=0) == 1_358_966


@pytest.mark.parametrize(
    ("key", "settings", "expected"),
    [
        ("nonlocal", {"height": 6, "width": 7}, 42 * 42),
        ("nonlocal", {"height": 6, "width": 8, "keys": 12}, 48 * 12),
        ("cc", {"height": 6, "width": 7}, 42 * 12),
        ("da", {"height": 6, "width": 7, "channels": 16}, 42 * 42 + 256),
        ("ann", {"height": 16, "width": 16}, 256 * 110),
        ("ocr", {"height": 6, "width": 7, "classes": 19}, 42 * 19),
        ("a2", {"height": 2, "width": 3, "channels": 16}, 6 * 8),
        ("gsop", {}, 128 * 128),
        ("gc", {"positions": 42}, 42),
    ],
)
def test_affinity(key, settings, expected):
    assert mechanism(key).affinity(**settings) == expected


def formulas():
    for record in MECHANISMS.values():
        for name in ("parameters", "multiply_adds", "pooling", "rescale", "affinity"):
            formula = getattr(record, name)
            if formula is not None:
                yield pytest.param(formula, id=f"{record.key}.{name}")


@pytest.mark.parametrize("formula", list(formulas()))
def test_printed_formula_evaluates_to_the_value(formula):
    given = {word: 40 + 8 * i for i, word in enumerate(formula.words)}
    given = {w: v for w, v in given.items() if formula.words[w] not in formula.where}
    text, _, notes = str(formula).partition(" with ")
    names = dict(note.split(" = ") for note in notes.split("; ")) if notes else {}
    known = {formula.words[word]: value for word, value in given.items()}
    for letter, expression in names.items():
        if letter in formula.where:
            known[letter] = eval(expression, {"max": max}, known)
    assert eval(text, {"max": max}, known) == formula(**given)


@pytest.mark.parametrize(
    ("error", "settings", "message"),
    [
        (TypeError, {}, "also needs channels; give channels as keyword"),
        (TypeError, {"chanels": 64}, "got 'chanels'; did you mean 'channels'"),
        (TypeError, {"channels": 64, "zzz": 1}, "takes channels, bias, hidden, reduction; got"),
        (ValueError, {"channels": 6.4}, "channels must be a whole number of at least 0, got 6.4"),
        (ValueError, {"channels": -1}, "channels must be a whole number of at least 0, got -1"),
    ],
)
def test_formula_names_what_is_wrong(error, settings, message):
    with pytest.raises(error, match=message):
        mechanism("se").parameters(**settings)


def test_formula_takes_the_hidden_width_instead_of_the_reduction():
    assert mechanism("se").parameters(channels=64, hidden=8) == 2 * 64 * 8
    assert Formula("2*h", {"h": "C // r"})(hidden=3) == 6


def test_formula_ignores_shared_quantities_it_does_not_depend_on():
    se = mechanism("se")
    assert se.multiply_adds(channels=64, height=8, width=9, bias=True) == 512


def test_letters_that_a_formula_leaves_open_take_the_size_of_the_map():
    assert Formula("C*N", {"N": "H*W"}).for_map(64, 8, 9) == 64 * 72
    assert Formula("Q + L + h").for_map(64, 8, 9) == 72 + 72 + 64
    assert Formula("C//r", {}, {"r": 16}).for_map(64, 8, 9) == 4
    assert Formula("C*K").for_map(64, 8, 9, classes=19) == 64 * 19
    with pytest.raises(TypeError, match="got 'colour'"):
        Formula("C*K").for_map(64, 8, 9, colour=19)
