"""Addresses of quotas."""

from django.urls import path

from quotas.views import quotas, tables

app_name = "quotas"
urlpatterns = [
    path("", quotas.quota_list, name="list"),
    path("<int:pk>/", quotas.quota, name="quota"),
    path("<int:pk>/split/", quotas.split, name="split"),
    path("<int:pk>/transfer/", quotas.transfer, name="transfer"),
    path("projects/<int:pk>/notify/", quotas.notify, name="notify"),
    path("programs/<int:pk>/tables/", tables.table_list, name="tables"),
    path("programs/<int:pk>/tables/<str:kind>/open/", tables.open_table, name="open_table"),
    path("tables/<int:pk>/", tables.table, name="table"),
    path("tables/<int:pk>/issue/", tables.issue, name="issue"),
    path("tables/<int:pk>/export/", tables.export, name="export"),
]
