"""The database's own hold on the separated administrators: whoever is one of them is nothing else."""

import pgtrigger

# The names in `separated` are those of roles.SEPARATED (a test holds them to it). The person's row is locked first, so
# that two grants at once see one another.
SEPARATED_ADMINISTRATORS = pgtrigger.Trigger(
    name="membership_separated",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update,
    condition=pgtrigger.Q(new__ended_at__isnull=True),
    declare=[("separated", "text[]")],
    func="""
        separated := ARRAY['system_admin', 'security_admin', 'audit_admin'];
        PERFORM 1 FROM accounts_user WHERE id = NEW.user_id FOR NO KEY UPDATE;
        IF EXISTS (
            SELECT 1 FROM accounts_membership held
            WHERE held.user_id = NEW.user_id AND held.ended_at IS NULL AND held.id <> NEW.id
                AND (NEW.role = ANY(separated) OR held.role = ANY(separated))
        ) THEN
            RAISE EXCEPTION 'separated administrators hold one role' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)
