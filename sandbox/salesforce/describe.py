"""The org's objects as `/sobjects/` and `/sobjects/X/describe` show them."""

from collections.abc import Mapping
from typing import Any

from sandbox.salesforce.objects import NUMBER_KINDS, Field, SObject

_SOAP_TYPES = {
    "id": "tns:ID", "reference": "tns:ID", "boolean": "xsd:boolean", "int": "xsd:int", "double": "xsd:double",
    "currency": "xsd:double", "percent": "xsd:double", "date": "xsd:date", "datetime": "xsd:dateTime",
}  # fmt: skip


def summary(sobject: SObject, version: str) -> dict[str, Any]:
    base = f"/services/data/{version}/sobjects/{sobject.name}"
    return {
        "activateable": False,
        "createable": sobject.writable,
        "custom": False,
        "customSetting": False,
        "deletable": sobject.writable,
        "deprecatedAndHidden": False,
        "feedEnabled": False,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": sobject.prefix,
        "label": sobject.label,
        "labelPlural": sobject.plural,
        "layoutable": sobject.writable,
        "mergeable": sobject.mergeable,
        "mruEnabled": sobject.writable,
        "name": sobject.name,
        "queryable": True,
        "replicateable": True,
        "retrieveable": True,
        "searchable": False,
        "triggerable": sobject.writable,
        "undeletable": sobject.writable,
        "updateable": sobject.writable,
        "urls": {
            "sobject": base,
            "describe": f"{base}/describe",
            "rowTemplate": f"{base}/{{ID}}",
        },
    }


def describe(objects: Mapping[str, SObject], sobject: SObject, version: str) -> dict[str, Any]:
    children: list[dict[str, Any]] = [
        {
            "cascadeDelete": reference.cascade,
            "childSObject": child.name,
            "deprecatedAndHidden": False,
            "field": reference.name,
            "junctionIdListNames": [],
            "junctionReferenceTo": [],
            "relationshipName": child.plural.replace(" ", "") if reference.cascade else None,
            "restrictedDelete": False,
        }
        for child in objects.values()
        for reference in child.fields.values()
        if sobject.name in reference.refers_to
    ]
    return {
        **summary(sobject, version),
        "actionOverrides": [],
        "childRelationships": children,
        "compactLayoutable": sobject.writable,
        "fields": [_field(sobject, field) for field in sobject.fields.values()],
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": [],
        "searchLayoutable": False,
        "supportedScopes": [],
    }


def _field(sobject: SObject, field: Field) -> dict[str, Any]:
    text = field.kind not in (*NUMBER_KINDS, "boolean", "date", "datetime")
    defaulted = field.default is not None or field.kind == "boolean" or field.name == "OwnerId"
    nillable = not field.required and field.kind not in ("id", "boolean") and field.name not in _NEVER_NULL
    return {
        "aggregatable": field.kind != "textarea",
        "autoNumber": False,
        "byteLength": field.length * 3 if text else 0,
        "calculated": False,
        "cascadeDelete": field.cascade,
        "caseSensitive": False,
        "createable": field.createable,
        "custom": field.custom,
        "defaultValue": field.default,
        "defaultValueFormula": None,
        "defaultedOnCreate": defaulted or field.name in _NEVER_NULL,
        "dependentPicklist": False,
        "deprecatedAndHidden": False,
        "digits": 8 if field.kind == "int" else 0,
        "encrypted": False,
        "externalId": field.external_id,
        "filterable": field.length <= 4000,
        "groupable": field.length <= 255 and field.kind not in ("double", "currency", "percent", "datetime"),
        "highScaleNumber": False,
        "htmlFormatted": False,
        "idLookup": field.kind in ("id", "email") or field.external_id,
        "inlineHelpText": None,
        "label": field.label,
        "length": field.length,
        "name": field.name,
        "nameField": field.name == "Name",
        "namePointing": len(field.refers_to) > 1,
        "nillable": nillable,
        "permissionable": not (field.required or field.kind == "id"),
        "picklistValues": [
            {
                "active": True,
                "defaultValue": value == field.default,
                "label": value,
                "validFor": None,
                "value": value,
            }
            for value in field.values
        ],
        "polymorphicForeignKey": len(field.refers_to) > 1,
        "precision": 18 if field.kind in ("double", "currency", "percent") else 0,
        "queryByDistance": False,
        "referenceTargetField": None,
        "referenceTo": list(field.refers_to),
        "relationshipName": field.relationship,
        "relationshipOrder": None,
        "restrictedDelete": False,
        "restrictedPicklist": field.restricted,
        "scale": {"currency": 2, "double": 8, "percent": 8}.get(field.kind, 0),
        "searchPrefilterable": False,
        "soapType": _SOAP_TYPES.get(field.kind, "xsd:string"),
        "sortable": field.length <= 4000 and field.kind != "multipicklist",
        "type": field.kind,
        "unique": field.unique,
        "updateable": field.updateable,
        "writeRequiresMasterRead": False,
    }


_NEVER_NULL = frozenset(
    ("CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp", "OwnerId")
)
