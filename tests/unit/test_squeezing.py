"""Scripts are made small once, however many ask for them first."""

from concurrent.futures import ThreadPoolExecutor

from audit_app.web import assets


def test_scripts_that_a_page_asks_for_at_once_are_made_small_once(monkeypatch):
    begun, squeezed = [], assets.squeezed
    monkeypatch.setattr(assets, "squeezed", lambda scripts: begun.append(1) or squeezed(scripts))
    assets._all_scripts.cache_clear()
    with ThreadPoolExecutor(6) as threads:
        texts = list(threads.map(assets.one_script, ["capture", "rest", "day", "account", "log", "team"]))
    assert all(texts) and len(begun) == 1
