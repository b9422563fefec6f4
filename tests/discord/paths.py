"""Which calls a pattern such as `POST /channels/*/messages` means."""


def arguments_of(pattern: str, method: str, path: str) -> dict[str, str] | None:
    """Return what stands at the placeholders of a pattern, or None when it means other calls.

    Args:
        pattern: A method and a path: each part is itself, or one placeholder, `*` or `{name}`.
            `*` alone means every call, and so does `*` as the method.
        method: Of the call.
        path: Of the call, below `/api/v10`, without a query.
    """
    if pattern == "*":
        return {}
    wanted_method, _, wanted_path = pattern.partition(" ")
    wanted, given = wanted_path.strip("/").split("/"), path.strip("/").split("/")
    if wanted_method not in {"*", method} or len(wanted) != len(given):
        return None
    if any(not _is_placeholder(w) and w != g for w, g in zip(wanted, given, strict=True)):
        return None
    return {w.strip("{}"): g for w, g in zip(wanted, given, strict=True) if _is_placeholder(w)}


def _is_placeholder(part: str) -> bool:
    return part == "*" or part.startswith("{")
