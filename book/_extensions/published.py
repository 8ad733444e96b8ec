"""What the site needs once it has an address: launch buttons, canonical links, a map, a 404 page.

The one setting is `repository.url` in `_config.yml`, https://github.com/OWNER/NAME; empty, there
are no launch buttons, no canonical links and no map of the site, and a chapter's download is the
repository's notebook. Buttons open the branch `students`, and downloads the files, that a release
wrote: their first cell can install `attnlab`, and no answers lie beside them. `course_hub` adds a
JupyterHub with nbgitpuller. `course_moved` in the Sphinx settings names pages that moved, old
address to new. Every page says below which versions executed it.
`python book/_extensions/published.py` prints the site's address for the workflow that publishes it.
"""

import os
import platform
import re
import time
from datetime import UTC, datetime
from html import escape
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

import yaml
from docutils import nodes
from sphinx.addnodes import download_reference
from sphinx.errors import ConfigError
from sphinx.util.docutils import SphinxDirective

BRANCH = "students"  # what .github/workflows/release.yml writes
REPOSITORY = re.compile(r"https://github\.com/([\w.-]+)/([\w.-]+?)/?")
SITEMAP = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
{urls}</urlset>
"""
REDIRECT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Moved</title>
<meta http-equiv="refresh" content="0; url={to}"><link rel="canonical" href="{to}">
<p>This page has moved to <a href="{to}">{to}</a>.</p></html>
"""
LOST = """<h1>There is no such page</h1>
<p>The address may be mistyped, or the page may have another name now.
<a href="{root}book/intro.html">The first page</a> lists the path through the course,
<a href="{root}book/atlas.html">the atlas</a> every mechanism,
and <a href="{root}search.html">the search</a> looks through all pages.</p>"""


def repository(url: str) -> tuple[str, str] | None:
    """(owner, name) of a GitHub address, None of an empty one; raises ConfigError for others."""
    if not url:
        return None
    found = REPOSITORY.fullmatch(url)
    if found is None:
        raise ConfigError(
            f"_config.yml: repository.url is {url!r}; expected https://github.com/OWNER/NAME, or "
            f"nothing where the course is not published"
        )
    return found[1], found[2]


def home(owner: str, name: str) -> str:
    """The site's address on GitHub Pages, with its closing slash."""
    return f"https://{owner.lower()}.github.io/{name}/"


def launchers(key: str, owner: str, name: str, hub: str) -> dict[str, str]:
    """Label to address of what opens an exercise's notebook as the last release wrote it."""
    file, place = f"{key}/{key}.ipynb", f"{owner}/{name}"
    found = {
        "Open in Colab": f"https://colab.research.google.com/github/{place}/blob/{BRANCH}/{file}",
        "Open in Binder": f"https://mybinder.org/v2/gh/{place}/{BRANCH}?labpath={quote(file)}",
    }
    if hub:
        source = quote(f"https://github.com/{place}", safe="")
        inside = quote(f"lab/tree/{name}/{file}", safe="")
        found["Open on the hub"] = (
            f"{hub.rstrip('/')}/hub/user-redirect/git-pull?repo={source}&branch={BRANCH}"
            f"&urlpath={inside}"
        )
    return found


def download_from_release(app, doctree, page):
    """Let a chapter's link to its notebook lead to the last release's; nothing without one."""
    if app.config.course_repository is None:
        return
    base = "https://github.com/{}/{}/releases/latest/download".format(*app.config.course_repository)
    for link in doctree.findall(download_reference):
        file = Path(link["reftarget"]).name
        if file.endswith(".ipynb"):
            link.attributes.pop("filename", None)
            link["refuri"] = f"{base}/{file}"


class Launch(SphinxDirective):
    """`{launch} key`: links that open the exercise's notebook; nothing without an address."""

    required_arguments = 1

    def run(self):
        found = self.config.course_repository
        if found is None:
            return []
        links = launchers(self.arguments[0], *found, self.config.course_hub).items()
        text = " ".join(f'<a class="launch" href="{escape(to)}">{label}</a>' for label, to in links)
        return [nodes.raw("", f'<p class="launchers">{text}</p>', format="html")]


def executed() -> str:
    """When and with which versions the pages were built; SOURCE_DATE_EPOCH sets the time."""
    now = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())), UTC)
    names = {"PyTorch": "torch", "NumPy": "numpy", "Jupyter Book": "jupyter-book"}
    versions = ", ".join(f"{name} {version(package)}" for name, package in names.items())
    return (
        f"<p>Executed on {now.day} {now:%B %Y} with Python {platform.python_version()}, {versions}."
        "</p>"
    )


def configure(app, config):
    """Work out owner and name, the address of canonical links, and the words of the footer."""
    if "extra_footer" in config.html_theme_options:
        config.html_theme_options["extra_footer"] += executed()
    config.course_repository = repository(config.html_theme_options.get("repository_url", ""))
    if config.course_repository:
        config.html_baseurl = home(*config.course_repository)


def lost_page(app):
    """404.html, whose links hold from any depth."""
    owner_name = app.config.course_repository
    root = f"/{owner_name[1]}/" if owner_name else "/"
    context = {"title": "There is no such page", "body": LOST.format(root=root), "base": root}
    yield "404", context, "lost.html"


def write_beside(app, error):
    """The map of the site and the pages that lead on from old addresses."""
    if error or app.builder.name != "html":
        return
    out, base = Path(app.outdir), app.config.html_baseurl
    for old, new in app.config.course_moved.items():
        page = out / f"{old}.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        up = "../" * old.count("/")
        page.write_text(REDIRECT.format(to=f"{base or up}{new}.html"), "utf-8")
    if base:
        pages = sorted(app.env.found_docs)
        urls = "".join(f"<url><loc>{escape(base)}{page}.html</loc></url>\n" for page in pages)
        (out / "sitemap.xml").write_text(SITEMAP.format(urls=urls), "utf-8")


def setup(app):
    app.add_config_value("course_hub", "", "env", [str])
    app.add_config_value("course_moved", {}, "env", [dict])
    app.add_config_value("course_repository", None, "env", [tuple, type(None)])
    app.add_directive("launch", Launch)
    app.connect("config-inited", configure, priority=900)
    app.connect("doctree-resolved", download_from_release)
    app.connect("html-collect-pages", lost_page)
    app.connect("build-finished", write_beside)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


if __name__ == "__main__":
    settings = yaml.safe_load(Path("_config.yml").read_text("utf-8"))
    found = repository(settings.get("repository", {}).get("url", ""))
    print(f"address={home(*found) if found else ''}")
