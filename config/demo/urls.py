"""Routes that exist in the demo only."""

from django.urls import path

from config.demo.views import sign_in

urlpatterns = [path("demo/sign-in/", sign_in, name="demo_sign_in")]
