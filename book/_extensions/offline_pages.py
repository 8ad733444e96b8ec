"""Take from every page what would reach outside the site: thebe, which we do not use."""


def keep_inside(app, pagename, templatename, context, doctree):
    """Drop thebe's scripts and styles, one of which names another server."""

    def wanted(file):
        attributes = getattr(file, "attributes", {})
        return (
            "thebe"
            not in f"{getattr(file, 'filename', file)} {attributes.get('body') or ''}".lower()
        )

    for kind in ("script_files", "css_files"):
        context[kind] = [file for file in context.get(kind, []) if wanted(file)]


def setup(app):
    app.connect("html-page-context", keep_inside, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
