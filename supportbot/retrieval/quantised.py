"""A copy of a model that counts in bytes: a question takes two thirds of the time.

Weights become bytes once, with a scale for each output; what goes in becomes bytes each time, with
a scale for each word piece; the products are summed exactly and scaled back.

Source: Dettmers, Lewis, Belkada & Zettlemoyer 2022, "LLM.int8()", section 2.1 (vector-wise
quantisation), without the part for outliers, which models of this size do not need.
"""

import copy
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_MOST = 127
_LEAST_SCALE = 1e-9
"""So that a row of zeros is not divided by zero."""


def quantised(model: "SentenceTransformer") -> "SentenceTransformer":
    """Return a copy whose linear layers are int8; all other weights are shared with the model.

    Args:
        model: In float32, on the CPU.
    """
    shared = {id(one): one for one in (*model.parameters(), *model.buffers())}
    copied = copy.deepcopy(model, shared)
    _replace_linear_layers(copied)
    return copied


def is_fast() -> bool:
    """Whether this processor multiplies bytes faster than floats: with VNNI it does."""
    # Neither has a public name, and a later torch may do without.
    has_vnni = getattr(torch.cpu, "_is_vnni_supported", lambda: False)
    return hasattr(torch, "_int_mm") and bool(has_vnni())


def _replace_linear_layers(module: torch.nn.Module) -> None:
    for name, child in module.named_children():
        if isinstance(child, torch.nn.Linear):
            setattr(module, name, _BytesLinear(child))
        else:
            _replace_linear_layers(child)


class _BytesLinear(torch.nn.Module):
    """`torch.nn.Linear` from float32 to float32, which multiplies bytes."""

    def __init__(self, linear: torch.nn.Linear) -> None:
        super().__init__()
        weight = linear.weight.detach()
        self._scale = _scales(weight)
        self._weight = _as_bytes(weight, self._scale).t().contiguous()
        self._scale = self._scale.squeeze(1)
        self._bias = None if linear.bias is None else linear.bias.detach()

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        """Return what the layer makes of tensors of shape (…, inputs): shape (…, outputs)."""
        rows = given.reshape(-1, given.shape[-1])
        scales = _scales(rows)
        summed = torch._int_mm(_as_bytes(rows, scales), self._weight)  # noqa: SLF001 - there is no public name
        found = summed.to(torch.float32).mul_(scales).mul_(self._scale)
        if self._bias is not None:
            found.add_(self._bias)
        return found.reshape(*given.shape[:-1], -1)


def _scales(rows: torch.Tensor) -> torch.Tensor:
    """Return what a byte of each row is worth, shape (rows, 1)."""
    return rows.abs().amax(1, keepdim=True).clamp_min(_LEAST_SCALE) / _MOST


def _as_bytes(rows: torch.Tensor, scales: torch.Tensor) -> torch.Tensor:
    return (rows / scales).round_().to(torch.int8)
