import pytest

import classifier


def test_every_name_of_the_face_is_there() -> None:
    for name in classifier.__all__:
        assert getattr(classifier, name) is not None
    assert set(classifier.__all__) <= set(dir(classifier))


def test_the_face_is_the_contract() -> None:
    promised = {
        "load", "save", "train", "read_corpus", "read_article", "split_headlines",
        "Recipe", "Taxonomy", "TopicEstimator", "Topic", "Prediction", "TopicScore",
    }  # fmt: skip
    assert promised <= set(classifier.__all__)


def test_train_stays_callable_whatever_was_imported() -> None:
    import classifier.trainer.training

    assert callable(classifier.train)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'classifier' has no attribute 'sprots'"):
        classifier.sprots  # noqa: B018 - reading it is the test


def test_a_name_once_fetched_is_found_at_once() -> None:
    vars(classifier).pop("Recipe", None)
    assert classifier.Recipe is vars(classifier)["Recipe"]
