"""Data that agencies share. Source: 国务院令第809号; facts of standards, section 7."""

from contracts.api.gateway.sharing.calls import Claim, QueriedData, QueryData, Subject, SubjectDocument, VerifiedData, VerifyData
from contracts.api.gateway.sharing.items import AnswerProposal, DataItem, ItemField, LeaveItem, PublishItem
from contracts.api.gateway.sharing.lists import AssignDuty, CatalogueEntry, Demand, Duty, EnterNegative, FileDemand, LiftNegative, Negative
from contracts.api.gateway.sharing.scenes import ApplyScene, CallsOfDay, RevokeScene, Scene, SceneApproval, SceneItem
from contracts.api.gateway.sharing.suppliers import SupplierQueried, SupplierQuery, SupplierSubject, SupplierVerified, SupplierVerify
from contracts.api.gateway.sharing.words import AgeSeconds, FieldName, ItemCode, Level, Mode, Provenance, SceneId, SourcedModel, Url

__all__ = [
    "AgeSeconds",
    "AnswerProposal",
    "ApplyScene",
    "AssignDuty",
    "CallsOfDay",
    "CatalogueEntry",
    "Claim",
    "DataItem",
    "Demand",
    "Duty",
    "EnterNegative",
    "FieldName",
    "FileDemand",
    "ItemCode",
    "ItemField",
    "LeaveItem",
    "Level",
    "LiftNegative",
    "Mode",
    "Negative",
    "Provenance",
    "PublishItem",
    "QueriedData",
    "QueryData",
    "RevokeScene",
    "Scene",
    "SceneApproval",
    "SceneId",
    "SceneItem",
    "SourcedModel",
    "Subject",
    "SubjectDocument",
    "SupplierQueried",
    "SupplierQuery",
    "SupplierSubject",
    "SupplierVerified",
    "SupplierVerify",
    "Url",
    "VerifiedData",
    "VerifyData",
]
