"""Makes an organisation with two users. Run by BottleCRM's own Python, in its settings; everything is made up."""

import django

django.setup()

from common.models import CustomFieldDefinition, Org, PersonalAccessToken, Profile, User  # noqa: E402
from common.tasks import set_rls_context  # noqa: E402

USERS = ("solmu", "sales")
MODELS = ("Account", "Contact", "Lead", "Opportunity", "Task")
FIELDS = {"solmu_id": "Solmu Id", "solmu_stamp": "Solmu stamp"}

org = Org.objects.create(name="Synthetic Oy", default_currency="EUR", default_country="FI")
set_rls_context(org.id)
for name in USERS:
    user = User.objects.create(email=f"{name}@crm.example", is_active=True, password="!")
    profile = Profile.objects.create(user=user, org=org, role="ADMIN", is_active=True, is_organization_admin=True)
    token = f"bcrm_pat_made-up-for-the-tests-{name}"
    PersonalAccessToken.objects.create(
        org=org,
        profile=profile,
        name="tests",
        token_hash=PersonalAccessToken.hash_token(token),
        token_prefix=token[:13],
        created_by=user,
    )
for model in MODELS:
    for key, label in FIELDS.items():
        CustomFieldDefinition.objects.create(org=org, target_model=model, key=key, label=label, field_type="text")
