import pytest
import torch
from torch.nn import Linear, Sequential

from supportbot.retrieval import quantised
from supportbot.retrieval.quantised import _BytesLinear, _replace_linear_layers


def layer(*, bias: bool = True) -> Linear:
    torch.manual_seed(0)
    return Linear(64, 96, bias=bias)


@pytest.mark.parametrize("shape", [(1, 64), (7, 64), (1, 30, 64), (2, 3, 64)])
@pytest.mark.parametrize("bias", [True, False])
def test_a_layer_in_bytes_gives_all_but_the_same(shape: tuple[int, ...], *, bias: bool) -> None:
    exact = layer(bias=bias)
    given = torch.randn(shape)

    with torch.inference_mode():
        expected, found = exact(given), _BytesLinear(exact)(given)

    assert found.shape == expected.shape
    assert found.dtype == torch.float32
    assert torch.nn.functional.cosine_similarity(found, expected, dim=-1).min() > 0.999


def test_one_large_number_spoils_only_its_own_row() -> None:
    exact = layer(bias=False)
    given = torch.randn(2, 64)
    given[0, 0] = 1_000.0

    with torch.inference_mode():
        expected, found = exact(given)[1], _BytesLinear(exact)(given)[1]

    assert torch.allclose(found, expected, atol=0.05)


def test_nothing_stays_nothing() -> None:
    exact = layer(bias=False)

    with torch.inference_mode():
        found = _BytesLinear(exact)(torch.zeros(3, 64))

    assert not found.any()


def test_layers_within_layers_count_in_bytes_and_others_stay() -> None:
    model = Sequential(layer(), torch.nn.GELU(), Sequential(Linear(96, 8)))

    _replace_linear_layers(model)

    kinds = [type(module).__name__ for module in model.modules()]
    assert kinds == ["Sequential", "_BytesLinear", "GELU", "Sequential", "_BytesLinear"]


def test_without_the_instructions_bytes_are_not_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "_is_vnni_supported", lambda: False)

    assert not quantised.is_fast()


def test_a_torch_that_does_not_say_is_taken_for_one_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(torch.cpu, "_is_vnni_supported")

    assert not quantised.is_fast()
