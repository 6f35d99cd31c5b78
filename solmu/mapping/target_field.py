"""One field of a target mapping: what is wanted of it, from a golden record or what hangs on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from solmu.config.nearest import choice_of
from solmu.config.yaml import KeyPath, called
from solmu.errors import Skippable
from solmu.mapping.columns import path_roots, path_search
from solmu.mapping.draft import Draft
from solmu.mapping.outputs import OUTPUTS, Apply, is_blank
from solmu.mapping.specs import read_option
from solmu.mapping.template import TemplateError, template
from solmu.mapping.values import Wanted
from solmu.model import CanonicalField

FIELD_KEYS = ("from", "as", "const", "template", "parent", "assign", "default", "required", "only_on", "if_there")
_KINDS = ("from", "const", "template", "parent", "assign")

Document = Mapping[str, Any]
Make = Callable[[Document], tuple[Any, str | None]]
"""Gives a field's value, and the canonical field that it came from."""


@dataclass(frozen=True, slots=True)
class TargetField:
    """One field of the target. ``reads``: the canonical fields that its value may come from; ``plain``: where the
    document has none of them, there is no value.

    ``nothing`` is what is wanted of it where the document has no value, as of most fields. ``if_there``: it is left
    out where the target does not describe such a field.
    """

    name: str
    make: Make | None
    reads: tuple[str, ...] = ()
    plain: bool = False
    parent: str | None = None
    assign: bool = False
    only_on: str | None = None
    required: bool = False
    if_there: bool = False
    nothing: Wanted = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        nothing = Wanted(None, None, self.parent, self.assign, self.only_on, self.required)
        object.__setattr__(self, "nothing", nothing)

    def wanted(self, document: Document) -> Wanted:
        """What the field should hold. Raises Skippable if a value does not fit the transform."""
        if self.make is None:
            return self.nothing
        try:
            value, source = self.make(document)
        except (ValueError, ArithmeticError, TypeError) as error:
            # Canonical values fit; a value that a steward pinned may not.
            raise Skippable(
                f"the value for {self.name} does not fit its mapping",
                stage="plan",
                code="does-not-fit",
                field=self.name,
            ) from error
        if value is None and source is None:
            return self.nothing
        return Wanted(value, source, self.parent, self.assign, self.only_on, self.required)


def target_field(draft: Draft, path: KeyPath, value: Any, names: Mapping[str, CanonicalField]) -> TargetField | None:
    """Compile one field, or note what is wrong with it."""
    made = _made(draft, path, value, names)
    if made is None or not isinstance(value, Mapping) or "if_there" not in value:
        return made
    return replace(made, if_there=draft.flag((*path, "if_there"), value["if_there"]))


def _made(draft: Draft, path: KeyPath, value: Any, names: Mapping[str, CanonicalField]) -> TargetField | None:
    block = draft.block(path, value) if not isinstance(value, str | list) else {"from": value}
    stated = [kind for kind in _KINDS if kind in block]
    if len(stated) != 1:
        if block:
            draft.problem(path, f"{called(path)} needs one of `from`, `const`, `template`, `parent` and `assign`")
        return None
    if stated != ["from"]:
        also = ["default"] if stated == ["template"] else []
        draft.only(path, block, [*stated, "required", "only_on", "if_there", *also])
    only_on = draft.one_of((*path, "only_on"), block["only_on"], ("create", "update")) if "only_on" in block else None
    required = draft.flag((*path, "required"), block.get("required", False))
    name = str(path[-1])
    match stated[0]:
        case "from":
            found = _from(draft, path, block, names)
            return None if found is None else TargetField(name, *found, only_on=only_on, required=required)
        case "template":
            made = _template(draft, path, block, names)
            return None if made is None else TargetField(name, *made, only_on=only_on, required=required)
        case "const":
            const = block["const"]
            return TargetField(name, lambda _: (const, None), only_on=only_on, required=required)
        case "parent":
            stream = draft.text((*path, "parent"), block["parent"])
            return TargetField(name, None, parent=stream, only_on=only_on, required=required)
        case _:
            if draft.flag((*path, "assign"), block["assign"]) is False:
                draft.problem((*path, "assign"), "`assign` can only be true", "true, or no such field at all")
            # An existing owner never changes, whatever the rules say by now.
            return TargetField(name, None, assign=True, only_on=only_on or "create", required=required)


def _from(
    draft: Draft, path: KeyPath, block: Mapping[str, Any], names: Mapping[str, CanonicalField]
) -> tuple[Make, tuple[str, ...], bool] | None:
    """What makes the value, what it reads, and whether there is no value where nothing of that is in the document."""
    plain = block.get("default") is None
    paths: list[tuple[Callable[[Document], Any], tuple[str, ...]]] = []
    kinds: set[str] = set()
    for text in draft.texts((*path, "from"), block["from"]):
        try:
            roots = path_roots(text)
        except ValueError as error:
            draft.problem((*path, "from"), f"`{text}` is no path: {error}", "a field such as name, or phone[0]", text)
            continue
        if not roots:
            draft.problem(
                (*path, "from"), f"`{text}` reads no field", "a field such as name; fixed text is `const`", text
            )
        elif _known(draft, (*path, "from"), roots, names):
            paths.append((path_search(text), roots))
            plain = plain and roots == (text,)
            kinds |= {names[root].kind for root in roots}
    apply = _transforms(draft, path, block, kinds)
    default = block.get("default")
    if not paths or apply is None:
        return None

    def make(document: Document) -> tuple[Any, str | None]:
        for get, roots in paths:
            value = get(document)
            if is_blank(value):
                continue
            made = apply(value)
            if not is_blank(made):
                return made, roots[0] if len(roots) == 1 else _source(document, roots, value)
        return default, None

    return make, tuple(dict.fromkeys(root for _, roots in paths for root in roots)), plain


def _source(document: Document, roots: tuple[str, ...], value: Any) -> str:
    """Which of the fields that a path reads has that value: of ``family_name && given_name`` it is the second."""
    return next((root for root in roots if document.get(root) == value), roots[0])


def _known(draft: Draft, path: KeyPath, roots: tuple[str, ...], names: Mapping[str, CanonicalField]) -> bool:
    unknown = [root for root in roots if root not in names]
    for root in unknown:
        draft.problem(path, f"unknown field `{root}`", choice_of(root, names), root)
    return not unknown


def _transforms(draft: Draft, path: KeyPath, block: Mapping[str, Any], kinds: set[str]) -> Apply | None:
    """The transforms in order as one; options go to the transform that has them."""
    names = [name for name in draft.texts((*path, "as"), block.get("as", [])) if name]
    problems = len(draft.problems)
    for name in names:
        if name not in OUTPUTS:
            draft.problem((*path, "as"), f"unknown transform `{name}`", choice_of(name, OUTPUTS), name)
    outputs = [OUTPUTS[name] for name in names if name in OUTPUTS]
    for output in outputs[:1]:
        for kind in sorted(kinds - output.kinds) if output.kinds else ():
            message = f"{output.name} takes a {' or a '.join(sorted(output.kinds))}, and not a {kind}"
            draft.problem((*path, "as"), message, None, output.name)
    declared = {option.name: option for output in outputs for option in output.options.values()}
    draft.only(path, block, [*FIELD_KEYS, *declared])
    options = {key: read_option(draft, (*path, key), block[key], declared[key]) for key in declared if key in block}
    for option in declared.values():
        if option.required and option.name not in block:
            draft.problem(path, f"the transform {' and '.join(names)} needs `{option.name}`", option.purpose)
    if len(draft.problems) > problems:
        return None
    applied: list[Apply] = []
    for output in outputs:
        try:
            applied.append(output.build({key: options[key] for key in output.options if key in options}))
        except ValueError as error:
            draft.problem((*path, "as"), f"an option of {output.name} makes no sense", str(error))
            return None

    if len(applied) == 1:
        return applied[0]  # which nobody gives a blank value

    def apply(value: Any) -> Any:
        for each in applied:
            if is_blank(value):
                return None
            value = each(value)
        return value

    return apply


def _template(
    draft: Draft, path: KeyPath, block: Mapping[str, Any], names: Mapping[str, CanonicalField]
) -> tuple[Make, tuple[str, ...]] | None:
    text = draft.text((*path, "template"), block["template"])
    try:
        compiled = template(text)
    except TemplateError as error:
        expected = choice_of(error.name, OUTPUTS) if error.name else error.expected
        draft.problem((*path, "template"), str(error), expected, text)
        return None
    if not _known(draft, (*path, "template"), compiled.names, names):
        return None
    default = block.get("default")

    def make(document: Document) -> tuple[Any, str | None]:
        # With several fields in one text, the first that is filled in stands for all.
        source = next((name for name in compiled.names if not is_blank(document.get(name))), None)
        return compiled.fill(document) or default, source

    return make, compiled.names
