"""Addresses of accounts."""

from django.urls import path

from portal.accounts.views import invitations, own, people

app_name = "accounts"

urlpatterns = [
    path("switch/", own.switch, name="switch"),
    path("stay/", own.stay, name="stay"),
    path("me/", own.me, name="me"),
    path("me/profile/", own.edit_profile, name="profile"),
    path("me/sessions/<int:pk>/end/", own.end_session, name="end_session"),
    path("me/sessions/end-others/", own.end_other_sessions, name="end_other_sessions"),
    path("me/tokens/new/", own.create_token, name="create_token"),
    path("me/tokens/<int:pk>/revoke/", own.revoke_token, name="revoke_token"),
    path("users/", people.register, name="users"),
    path("users/new/", people.create, name="create_user"),
    path("users/<int:pk>/", people.record, name="user"),
    path("users/<int:pk>/grant/", people.grant, name="grant"),
    path("users/<int:pk>/deactivate/", people.deactivate, name="deactivate"),
    path("users/<int:pk>/reactivate/", people.reactivate, name="reactivate"),
    path("users/<int:pk>/reset-password/", people.reset_password, name="reset_password"),
    path("users/<int:pk>/reset-second-factor/", people.reset_second_factor, name="reset_second_factor"),
    path("memberships/<int:pk>/end/", people.end_membership, name="end_membership"),
    path("invitations/", invitations.register, name="invitations"),
    path("invitations/new/", invitations.invite, name="invite"),
    path("invitations/<int:pk>/", invitations.record, name="invitation"),
    path("invitations/<int:pk>/revoke/", invitations.revoke, name="revoke_invitation"),
    path("invitation/<str:token>/", invitations.accept, name="accept"),
]
