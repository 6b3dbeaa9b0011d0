"""Money under /api/v1/: accounts, budgets, expenses, transfers, final accounts; the same lists, acts and refusals."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from finance.api.serializers import (
    AccountSerializer,
    BudgetInputSerializer,
    BudgetSerializer,
    ExpenseInputSerializer,
    ExpenseSerializer,
    FinalAccountInputSerializer,
    FinalAccountSerializer,
    GrantSerializer,
    MoneyReasonSerializer,
    SupplementSerializer,
    TransferInputSerializer,
    TransferSerializer,
)
from finance.models import Budget, Expense, FinalAccount, FundAccount, Transfer
from finance.reach import classes_with_money
from finance.services import budgets, expenses, final_accounts, funds, supplements, transfers
from portal.api import actor_of, router, valid
from portal.errors import Invalid
from programs.models import TrainingClass

UP = ("project__program__rulebook", "project__program__office__parent", "base")
CLASS_UP = tuple(f"training_class__{each}" for each in UP)


class FundAccountViewSet(ReadOnlyModelViewSet[FundAccount]):
    """What each class has in each category; without a category, what it was granted."""

    queryset = FundAccount.objects.none()
    serializer_class = AccountSerializer
    filterset_fields = ("training_class", "category")

    def get_queryset(self) -> QuerySet[FundAccount]:
        return FundAccount.objects.visible_to(actor_of(self.request)).select_related("category")

    @extend_schema(request=GrantSerializer, responses=AccountSerializer(many=True))
    @action(detail=False, methods=["post"], pagination_class=None, filterset_fields=None)
    def grant(self, request: Request) -> Response:
        """Set what a class was granted."""
        given = valid(GrantSerializer, request)
        found = _class(request, given.pop("training_class"))
        funds.grant_funds(actor_of(request), found, **given)
        rows = self.get_queryset().filter(training_class=found)
        return Response(AccountSerializer(rows, many=True).data)


class BudgetViewSet(ReadOnlyModelViewSet[Budget]):
    """Budgets one sees, newest first. Account numbers are masked."""

    queryset = Budget.objects.none()
    serializer_class = BudgetSerializer
    filterset_fields = ("training_class", "state")

    def get_queryset(self) -> QuerySet[Budget]:
        rows = Budget.objects.visible_to(actor_of(self.request)).select_related(*CLASS_UP)
        return rows.prefetch_related("lines")

    @extend_schema(request=BudgetInputSerializer, responses=BudgetSerializer)
    @action(detail=False, methods=["post"])
    def save(self, request: Request) -> Response:
        """Draw up a class's budget."""
        given = BudgetInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        found = _class(request, given.validated_data["training_class"])
        head, lines, version = given.parts(found)
        made = budgets.save_budget(actor_of(request), found, version=version, head=head, lines=lines)
        return Response(BudgetSerializer(made).data)

    @extend_schema(request=None, responses=BudgetSerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        """Send the budget to its reviewers."""
        return Response(BudgetSerializer(budgets.submit_budget(actor_of(request), self.get_object())).data)

    @extend_schema(request=None, responses=BudgetSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take it back."""
        return Response(BudgetSerializer(budgets.withdraw_budget(actor_of(request), self.get_object())).data)

    @extend_schema(request=None, responses=BudgetSerializer)
    @action(detail=True, methods=["post"])
    def revise(self, request: Request, pk: str) -> Response:
        """Draw up anew what was refused."""
        return Response(BudgetSerializer(budgets.revise_budget(actor_of(request), self.get_object())).data)


class ExpenseViewSet(ReadOnlyModelViewSet[Expense]):
    """Expenses one sees, newest first. `findings` are the verdicts of the rules with their clauses."""

    queryset = Expense.objects.none()
    serializer_class = ExpenseSerializer
    filterset_fields = ("training_class", "category", "paid_on")

    def get_queryset(self) -> QuerySet[Expense]:
        rows = Expense.objects.visible_to(actor_of(self.request)).select_related(
            "category__clause__notice", *CLASS_UP
        )
        return rows.prefetch_related("vouchers")

    @extend_schema(
        request={"multipart/form-data": ExpenseInputSerializer}, responses={201: ExpenseSerializer}
    )
    @action(detail=False, methods=["post"], parser_classes=[MultiPartParser, FormParser])
    def record(self, request: Request) -> Response:
        """Book an expense with its vouchers; the same `key` a second time gives the first booking."""
        given = valid(ExpenseInputSerializer, request)
        found = _class(request, given.pop("training_class"))
        files, key = given.pop("vouchers"), given.pop("key", None)
        given["category"] = _category(found, given["category"])
        made = expenses.record_expense(actor_of(request), found, values=given, files=files, key=key)
        return Response(ExpenseSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=MoneyReasonSerializer, responses={201: ExpenseSerializer})
    @action(detail=True, methods=["post"])
    def reverse(self, request: Request, pk: str) -> Response:
        """Book the counter-entry."""
        given = valid(MoneyReasonSerializer, request)
        made = expenses.reverse_expense(actor_of(request), self.get_object(), **given)
        return Response(ExpenseSerializer(made).data, status=status.HTTP_201_CREATED)


class TransferViewSet(ReadOnlyModelViewSet[Transfer]):
    """Transfers between categories, newest first."""

    queryset = Transfer.objects.none()
    serializer_class = TransferSerializer
    filterset_fields = ("training_class", "state")

    def get_queryset(self) -> QuerySet[Transfer]:
        rows = Transfer.objects.visible_to(actor_of(self.request))
        return rows.select_related("source", "target", *CLASS_UP)

    @extend_schema(request=TransferInputSerializer, responses={201: TransferSerializer})
    @action(detail=False, methods=["post"])
    def move(self, request: Request) -> Response:
        """Move money, or send the transfer to review."""
        given = valid(TransferInputSerializer, request)
        found = _class(request, given.pop("training_class"))
        for name in ("source", "target"):
            given[name] = _category(found, given[name])
        made = transfers.transfer(actor_of(request), found, **given)
        return Response(TransferSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=SupplementSerializer, responses={201: TransferSerializer})
    @action(detail=False, methods=["post"])
    def supplement(self, request: Request) -> Response:
        """Ask to budget what was granted after the budget was approved."""
        given = valid(SupplementSerializer, request)
        found = _class(request, given.pop("training_class"))
        given["target"] = _category(found, given["target"])
        made = supplements.supplement_budget(actor_of(request), found, **given)
        return Response(TransferSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=TransferSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take a waiting one back."""
        done = transfers.withdraw_transfer(actor_of(request), self.get_object())
        return Response(TransferSerializer(done).data)


class FinalAccountViewSet(ReadOnlyModelViewSet[FinalAccount]):
    """Final accounts one sees, newest first."""

    queryset = FinalAccount.objects.none()
    serializer_class = FinalAccountSerializer
    filterset_fields = ("training_class", "state")

    def get_queryset(self) -> QuerySet[FinalAccount]:
        rows = FinalAccount.objects.visible_to(actor_of(self.request)).select_related(*CLASS_UP)
        return rows.prefetch_related("lines")

    @extend_schema(request=FinalAccountInputSerializer, responses=FinalAccountSerializer)
    @action(detail=False, methods=["post"])
    def explain(self, request: Request) -> Response:
        """Begin or change a class's final account: why categories differ from their budget."""
        given = valid(FinalAccountInputSerializer, request)
        found = _class(request, given["training_class"])
        words = {each["category"]: each["explanation"] for each in given["lines"]}
        made = final_accounts.explain_final_account(actor_of(request), found, explanations=words)
        return Response(FinalAccountSerializer(made).data)

    @extend_schema(request=None, responses=FinalAccountSerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        """Send it to its reviewers."""
        done = final_accounts.submit_final_account(actor_of(request), self.get_object())
        return Response(FinalAccountSerializer(done).data)

    @extend_schema(request=None, responses=FinalAccountSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take it back."""
        done = final_accounts.withdraw_final_account(actor_of(request), self.get_object())
        return Response(FinalAccountSerializer(done).data)


def _class(request: Request, key: int) -> TrainingClass:
    """The class, read through what the actor sees. Raises Invalid for what is not seen."""
    found = classes_with_money(actor_of(request)).select_related(*UP).filter(pk=key).first()
    if found is None:
        raise Invalid(_("没有找到此班级。"), field="training_class")
    return found


def _category(found: TrainingClass, key: int) -> Any:
    """A category of the class's rulebook, also one that must not be charged: the service says why."""
    rows = found.rulebook.expense_categories.select_related("clause__notice")
    category = rows.filter(pk=key).first()
    if category is None:
        raise Invalid(_("没有找到此费用科目。"), field="category")
    return category


router.register("fund-accounts", FundAccountViewSet, basename="fund-account")
router.register("budgets", BudgetViewSet, basename="budget")
router.register("expenses", ExpenseViewSet, basename="expense")
router.register("budget-transfers", TransferViewSet, basename="budget-transfer")
router.register("final-accounts", FinalAccountViewSet, basename="final-account")
