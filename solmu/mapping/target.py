"""A target mapping: YAML that says what a target should hold of a golden record, or of what hangs on it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from solmu.config.hub import Hub
from solmu.config.nearest import choice_of
from solmu.config.settings import EXCLUDES, INCLUDES
from solmu.config.yaml import KeyPath, Lines, called
from solmu.errors import Skippable
from solmu.mapping.columns import path_roots, path_search
from solmu.mapping.draft import Draft
from solmu.mapping.files import read_mapping
from solmu.mapping.hanging import BLOCKS
from solmu.mapping.outputs import OUTPUTS, Apply, is_blank
from solmu.mapping.recipe import recipe_hash
from solmu.mapping.specs import read_option
from solmu.mapping.template import TemplateError, template
from solmu.mapping.values import Wanted
from solmu.model import FIELDS, HANGING_FIELDS, CanonicalField, Entity, Hanging

KEYS = ("object", "entity", "hanging", "only", "external_id", "include", "exclude", "fields", "taken_back", "target")
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


@dataclass(frozen=True, slots=True)
class TargetMapping:
    """A mapping, compiled. Either ``entity`` or ``hanging`` says what it pushes; ``include`` and ``exclude`` are None
    where the hub's admission holds.

    ``only`` narrows what hangs to what holds these values. ``taken_back`` is what the fields hold once a record that we
    made there is taken back: none is ever deleted unasked, but a task can be closed.
    """

    name: str
    file: Path
    recipe: str
    object: str
    entity: Entity | None
    hanging: Hanging | None
    external_id: str | None
    include: tuple[str, ...] | None
    exclude: tuple[str, ...] | None
    fields: Mapping[str, TargetField]
    only: Mapping[str, Any]
    taken_back: Mapping[str, Any]
    _nothing: Mapping[str, Wanted] = field(init=False, repr=False, compare=False)
    _always: tuple[TargetField, ...] = field(init=False, repr=False, compare=False)
    _reading: Mapping[str, tuple[TargetField, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        reading: dict[str, list[TargetField]] = {}
        for each in self.fields.values():
            for name in each.reads if each.plain else ():
                reading.setdefault(name, []).append(each)
        object.__setattr__(self, "_nothing", {name: each.nothing for name, each in self.fields.items()})
        object.__setattr__(
            self, "_always", tuple(each for each in self.fields.values() if each.make and not each.plain)
        )
        object.__setattr__(self, "_reading", {name: tuple(some) for name, some in reading.items()})

    @property
    def parents(self) -> dict[str, str]:
        """The target's fields that point at another record of it, with that record's stream."""
        return {name: each.parent for name, each in self.fields.items() if each.parent}

    @property
    def columns(self) -> tuple[str, ...]:
        """The target's fields that the mapping writes."""
        return tuple(self.fields)

    def fitted(self, described: Collection[str]) -> TargetMapping:
        """The same for a target that describes these fields: without those that are only written where they are."""
        gone = {name for name, each in self.fields.items() if each.if_there and name not in described}
        return replace(self, fields={n: each for n, each in self.fields.items() if n not in gone}) if gone else self

    def desired(self, document: Document) -> dict[str, Wanted]:
        """What the target should hold of ``{canonical field: value}``. Pure. Raises Skippable as ``wanted`` does."""
        found = dict(self._nothing)
        for each in self._always:
            found[each.name] = each.wanted(document)
        for name in document:
            for each in self._reading.get(name, ()):
                found[each.name] = each.wanted(document)
        return found


def load_target_mapping(hub: Hub, name: str) -> TargetMapping:
    """The mapping ``name`` of the hub, or of those that ship with Solmu.

    Raises ConfigurationError with file, line and the nearest valid name; all that is wrong is in its notes.
    """
    file, data, lines = read_mapping(hub, "targets", name)
    return target_mapping(name, file, data, lines, {entity: hub.fields(entity) for entity in Entity})


def target_mapping(
    name: str,
    file: Path,
    data: Any,
    lines: Lines,
    known: Mapping[Entity, Mapping[str, CanonicalField]] | None = None,
) -> TargetMapping:
    """The same of a document that is already read. ``known``: the canonical fields of each entity."""
    if not isinstance(data, Mapping):
        raise lines.error((), "a mapping is a block", expected="object: …, entity: …, fields: …")
    draft = Draft(data, lines)
    draft.only((), data, KEYS)
    entity, hanging = _subject(draft, data)
    fields: dict[str, TargetField] = {}
    if entity or hanging:
        names = HANGING_FIELDS[hanging] if hanging else (known or FIELDS)[entity or Entity.ORGANISATION]
        for field, value in draft.block(("fields",), data.get("fields", {})).items():
            made = _field(draft, ("fields", field), value, names)
            if made is not None:
                fields[field] = made
    if not data.get("fields") and not draft.problems:
        draft.problem((), "`fields` is missing", "what the target's fields take: {Name: {from: name}}")
    include = _conditions(draft, data, "include", INCLUDES)
    exclude = _conditions(draft, data, "exclude", EXCLUDES)
    external_id = draft.text(("external_id",), data["external_id"]) if "external_id" in data else None
    if external_id in fields:
        draft.problem(("fields", str(external_id)), f"{external_id} is the external id, which Solmu fills in itself")
    only = _values(draft, data, "only", HANGING_FIELDS[hanging] if hanging else {})
    taken_back = _values(draft, data, "taken_back", fields)
    draft.finish()
    return TargetMapping(
        name=name,
        file=file,
        recipe=recipe_hash({"mapping": data}),
        object=str(data.get("object", name)),
        entity=entity,
        hanging=hanging,
        external_id=external_id,
        include=include,
        exclude=exclude,
        fields=fields,
        only=only,
        taken_back=taken_back,
    )


def _subject(draft: Draft, data: Mapping[str, Any]) -> tuple[Entity | None, Hanging | None]:
    if ("entity" in data) is ("hanging" in data):
        draft.problem((), "this mapping does not say what it pushes", "either `entity` or `hanging`")
        return None, None
    key, choices = ("entity", list(Entity)) if "entity" in data else ("hanging", list(BLOCKS))
    chosen = draft.one_of((key,), data[key], [each.value for each in choices])
    if chosen not in [each.value for each in choices]:
        return None, None
    return (Entity(chosen), None) if key == "entity" else (None, Hanging(chosen))


def _conditions(draft: Draft, data: Mapping[str, Any], key: str, known: tuple[str, ...]) -> tuple[str, ...] | None:
    if key not in data:
        return None
    stated = data[key] if isinstance(data[key], list) else [data[key]]
    return tuple(draft.one_of((key, number), each, known) for number, each in enumerate(stated))


def _values(draft: Draft, data: Mapping[str, Any], key: str, names: Mapping[str, Any]) -> dict[str, Any]:
    """A block of fixed values for some of the fields ``names``."""
    found = {}
    for name, value in draft.block((key,), data[key]).items() if key in data else ():
        if name not in names:
            draft.problem((key, name), f"unknown field `{name}`", choice_of(name, names), name)
        elif not isinstance(value, str | int | float):
            draft.problem((key, name), f"{name} needs a fixed value", "a text, a number, true or false")
        else:
            found[name] = value
    return found


def _field(draft: Draft, path: KeyPath, value: Any, names: Mapping[str, CanonicalField]) -> TargetField | None:
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
