"""The book is served, and a port that is taken is said with the way out."""

import socket
import threading
import urllib.request

import pytest

from tools import serve


def test_book_is_served(tmp_path, monkeypatch, capsys):
    (tmp_path / "index.html").write_text("the book")
    monkeypatch.setattr(serve, "BOOK", tmp_path)
    with serve.server(0) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{serving.server_address[1]}/"
        with urllib.request.urlopen(address, timeout=10) as answer:
            assert answer.read() == b"the book"
        serving.shutdown()
    assert capsys.readouterr().err == ""


def test_taken_port_is_named(capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert serve.main([str(port)]) == 2
    said = capsys.readouterr().err
    assert f"serve: cannot serve on port {port} (" in said
    assert "choose another: make serve PORT=8001" in said


@pytest.mark.parametrize("port", ["eight", "99999"])
def test_no_port_at_all_is_named(port, capsys):
    assert serve.main([port]) == 2
    assert f"cannot serve on port {port}" in capsys.readouterr().err
