from __future__ import annotations

from kingtide.live.haproxy.certificates import files_of, lines_of, marks_of

FOLDER = "/run/h/certificates/"


def test_hosts_are_read_by_their_lines() -> None:
    answer = (
        "# /run/h/certificates/list.txt\n/run/h/certificates/d_x.pem:1 !*\n"
        "/run/h/certificates/d_a.pem:2 a.test *.b.test\n\n"
    )
    assert lines_of(answer, FOLDER) == {"d_x.pem:1": (), "d_a.pem:2": ("a.test", "*.b.test")}
    assert not lines_of("didn't find the specified filename\n", FOLDER)


def test_certificates_of_hosts_are_read_and_not_those_of_servers() -> None:
    answer = (
        "# transaction\n*/run/h/certificates/d_a.pem\n# filename\n/run/h/certificates/d_a.pem\n"
        "/run/h/certificates/certificate-00ff.pem\n/elsewhere/d_b.pem\n"
    )
    assert files_of(answer, FOLDER) == ("d_a.pem",)


def test_marks_have_the_fingerprint_and_the_length_of_the_chain() -> None:
    answer = (
        "Filename: /run/h/certificates/d_a.pem\nStatus: Used\nSHA1 FingerPrint: AB01\n"
        "Subject: /CN=a\nChain Subject: /CN=i\nChain Issuer: /CN=r\nChain Subject: /CN=r\n\n"
        "Filename: /run/h/certificates/d_b.pem\nStatus: Empty\n\n"
    )
    assert marks_of(answer, FOLDER) == {"d_a.pem": "AB01+2", "d_b.pem": ""}
