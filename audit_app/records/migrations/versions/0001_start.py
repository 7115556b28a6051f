"""The start: agencies, people, rounds, inspections."""

import sqlalchemy as sa
from alembic import op

from audit_app.records.db import Moment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    """People first, then what they plan."""
    people()
    plans()


def people():
    """Agencies, the people who sign in, and their sessions."""
    op.create_table(
        "agency",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("name_fold", sa.String(200), nullable=False),
        sa.Column("level", sa.String(1), nullable=False),
        sa.Column("parent_id", sa.Uuid, nullable=True),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_to", sa.Date, nullable=True),
        sa.Column("successor_id", sa.Uuid, nullable=True),
        sa.Column("address", sa.String(300), nullable=False),
        sa.Column("contact", sa.String(200), nullable=False),
        sa.Column("phone", sa.String(60), nullable=False),
        sa.Column("email", sa.String(120), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["agency.id"], name="fk_agency_parent_id_agency"),
        sa.ForeignKeyConstraint(["successor_id"], ["agency.id"], name="fk_agency_successor_id_agency"),
        sa.PrimaryKeyConstraint("id", name="pk_agency"),
        sa.UniqueConstraint("code", "valid_from", name="uq_agency_code_valid_from"),
    )
    op.create_index("ix_agency_name_fold", "agency", ["name_fold"], unique=False)
    op.create_table(
        "user",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("full_name", sa.String(120), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("agency_id", sa.Uuid, nullable=True),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("disabled_at", Moment, nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name="fk_user_agency_id_agency"),
        sa.PrimaryKeyConstraint("id", name="pk_user"),
        sa.UniqueConstraint("name", name="uq_user_name"),
    )
    op.create_table(
        "signed_in",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_signed_in_user_id_user"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_signed_in"),
    )
    op.create_index("ix_signed_in_user_id", "signed_in", ["user_id"], unique=False)
    op.create_table(
        "sign_in_try",
        sa.Column("id", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("address", sa.String(60), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_try"),
    )
    op.create_index("ix_sign_in_try_address", "sign_in_try", ["address"], unique=False)
    op.create_index("ix_sign_in_try_name", "sign_in_try", ["name"], unique=False)


def plans():
    """Checklists in use, rounds, inspections, teams."""
    op.create_table(
        "pinned_checklist",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("canonical", sa.Text, nullable=False),
        sa.Column("pinned_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name="pk_pinned_checklist"),
    )
    op.create_table(
        "round",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("decision", sa.String(200), nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date, nullable=False),
        sa.Column("tier", sa.Integer, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_round"),
    )
    op.create_table(
        "inspection",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("round_id", sa.Uuid, nullable=False),
        sa.Column("agency_id", sa.Uuid, nullable=False),
        sa.Column("level", sa.String(1), nullable=False),
        sa.Column("tier", sa.Integer, nullable=False),
        sa.Column("planned_for", sa.Date, nullable=False),
        sa.Column("planned_at", sa.String(5), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("checklist_id", sa.String(40), nullable=False),
        sa.Column("checklist_version", sa.Integer, nullable=False),
        sa.Column("submissions", sa.Integer, nullable=False),
        sa.Column("submitted_at", Moment, nullable=True),
        sa.Column("percent", sa.String(40), nullable=True),
        sa.Column("coverage", sa.String(40), nullable=True),
        sa.Column("answered", sa.Integer, nullable=False),
        sa.Column("applicable", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name="fk_inspection_agency_id_agency"),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name="fk_inspection_round_id_round"),
        sa.PrimaryKeyConstraint("id", name="pk_inspection"),
    )
    op.create_index("ix_inspection_agency_id", "inspection", ["agency_id"], unique=False)
    op.create_index("ix_inspection_planned_for", "inspection", ["planned_for"], unique=False)
    op.create_index("ix_inspection_round_id", "inspection", ["round_id"], unique=False)
    op.create_index("ix_inspection_state", "inspection", ["state"], unique=False)
    op.create_table(
        "assignment",
        sa.Column("inspection_id", sa.Uuid, nullable=False),
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("lead", sa.Boolean, nullable=False),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspection.id"], name="fk_assignment_inspection_id_inspection"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_assignment_user_id_user"),
        sa.PrimaryKeyConstraint("inspection_id", "user_id", name="pk_assignment"),
    )
    op.create_index("ix_assignment_user_id", "assignment", ["user_id"], unique=False)
