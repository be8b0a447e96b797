from django.urls import path

from programmes.reviews import views

urlpatterns = [
    path("programmes/<uuid:programme_id>/reviews/", views.list_reviews, name="reviews_of_programme"),
    path("programmes/<uuid:programme_id>/reviews/open/", views.open_new, name="open_review"),
    path("reviews/<uuid:review_id>/cancel/", views.cancel, name="cancel_review"),
]
