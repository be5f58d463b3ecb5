"""Every invariant, in the order of the documentation."""

from __future__ import annotations

from kingtide.twin.invariants.asking import FailedGroupsAreLeftAlone, NoMoreNodesThanNeeded
from kingtide.twin.invariants.bindings import BindingsAreAllowed, NodesGiveWhatTheyHave
from kingtide.twin.invariants.conservation import PodsAreConserved
from kingtide.twin.invariants.convergence import RoomIsKeptAgain, WhatCanRunRuns
from kingtide.twin.invariants.cost import CostIsCounted
from kingtide.twin.invariants.disruption_budgets import BudgetsOfPodsHold
from kingtide.twin.invariants.evictions import (
    GracesAreKept,
    NodesAreEmptiedFirst,
    NothingIsDoneTwice,
    ProtectedPodsStay,
)
from kingtide.twin.invariants.groups import GroupsKeepTheirBounds, NoInstanceIsOrphaned
from kingtide.twin.invariants.invariant import Invariant
from kingtide.twin.invariants.messages import IntentsStandFirst
from kingtide.twin.invariants.node_budget import NodesStayWithinBudget
from kingtide.twin.invariants.ownership import ActionsAreDeclared, OneOwnerAField
from kingtide.twin.invariants.priorities import NobodyWaitsBelowLowerPods

INVARIANTS: tuple[type[Invariant], ...] = (
    BudgetsOfPodsHold,
    NodesStayWithinBudget,
    ProtectedPodsStay,
    GracesAreKept,
    NodesAreEmptiedFirst,
    NothingIsDoneTwice,
    IntentsStandFirst,
    OneOwnerAField,
    ActionsAreDeclared,
    GroupsKeepTheirBounds,
    NoMoreNodesThanNeeded,
    FailedGroupsAreLeftAlone,
    NoInstanceIsOrphaned,
    CostIsCounted,
    BindingsAreAllowed,
    NodesGiveWhatTheyHave,
    PodsAreConserved,
    NobodyWaitsBelowLowerPods,
    RoomIsKeptAgain,
    WhatCanRunRuns,
)
