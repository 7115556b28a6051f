"""The slowest steps of WeasyPrint's layout, done in fewer: the same pages in half the time.

Only the child of media/pdf.py uses it, as it uses binding.py for the file. Each step is an own way for the plain
case that papers consist of (lengths without percentages, straight solid borders, text without decoration) and hands
everything else to WeasyPrint's own. They know the insides of one version; under any other nothing is changed, and
papers print slower but the same.
"""

import sys
from functools import partial

KNOWN = "70.0"
SIDES = ("top", "right", "bottom", "left")
AREA = [f"{what}_{side}" for what in ("margin", "padding") for side in SIDES]
AREA += ["width", "height", *(f"{limit}_{axis}" for limit in ("min", "max") for axis in ("width", "height"))]
CORNERS = ("top_left", "top_right", "bottom_right", "bottom_left")
SQUARE = {f"border_{corner}_radius": (0, 0) for corner in CORNERS}


def tuned() -> bool:
    """Is this WeasyPrint the one whose insides are known?"""
    import weasyprint

    return weasyprint.__version__ == KNOWN


def tune() -> None:
    """Exchange the slow steps, once a process."""
    from weasyprint import css, draw
    from weasyprint.draw import border
    from weasyprint.layout import percent
    from weasyprint.pdf import fonts, pydyf
    from weasyprint.pdf.stream import Stream
    from weasyprint.text import line_break

    if not tuned():
        return
    _exchange(percent.resolve_percentages, partial(_lengths, percent.resolve_percentages))
    _exchange(percent.resolve_radii_percentages, partial(_radii, percent.resolve_radii_percentages))
    _exchange(border.draw_border, partial(_border, border.draw_border))
    _exchange(draw.draw_table, partial(_table, draw.draw_table))
    _exchange(line_break._font_style_cache_key, partial(_font_key, line_break._font_style_cache_key))
    _exchange(line_break.strut, partial(_strut, line_break.strut))
    fonts.ffi = _Arrays(fonts.ffi)
    Stream.set_text_matrix, Stream.show_text = _place, _say
    pydyf.PDF.page_references = property(_pages)
    style = css.ComputedStyle
    style.__missing__ = _computed(style.__missing__, css)
    line_break.Layout.setup = _layout(line_break.Layout.setup, line_break)


def _pages(pdf) -> tuple:
    """How tags name the pages they lie on: said once, not for each of thousands of tags."""
    kids = pdf.pages["Kids"]
    known = pdf.__dict__.get("known_pages", ())
    if len(known) * 3 != len(kids):
        known = pdf.__dict__["known_pages"] = tuple(b"%d 0 R" % number for number in kids[::3])
    return known


def _exchange(old, new) -> None:
    """In every module of WeasyPrint that has imported it."""
    for name, module in list(sys.modules.items()):
        if name.startswith("weasyprint"):
            for known, value in list(vars(module).items()):
                if value is old:
                    setattr(module, known, new)


# ── Styles and lengths ────────────────────────────────────────────────────────────────────────────
def _computed(slow, css):
    """Values that nothing names: inherited or initial, without a look at the eight ways to compute one."""
    plain = set(css.INITIAL_VALUES) - css.INITIAL_NOT_COMPUTED - {"float", "display", "position", "page"}
    plain -= {key for key in plain if key.startswith("text_decoration_")}
    turned = {key for key in css.INITIAL_VALUES if "_block_" in key or "_inline_" in key or "_start" in key}
    initial, inherited, physical = css.INITIAL_VALUES, css.INHERITED, css.PHYSICAL_FUNCTIONS

    def __missing__(self, key):
        if key not in plain or key in self.cascaded or self.parent_style is None:
            return slow(self, key)
        if key in physical and not turned.isdisjoint(self.cascaded):
            return slow(self, key)
        value = self[key] = self.parent_style[key] if key in inherited else initial[key]
        return value

    return __missing__


def _lengths(slow, box, containing_block) -> None:
    """Used values of a box. Without percentages they are the same for every box of a style: computed once."""
    style = box.style
    known = style.__dict__.get("lengths")
    if known is None:
        known = style.lengths = _fixed(style)
    slow(box, containing_block) if not known else box.__dict__.update(known)


def _fixed(style) -> dict:
    values = {key: style[key] for key in AREA}
    plain = all(value is None or value == "auto" or getattr(value, "unit", None) == "px" for value in values.values())
    if not plain or style["border_collapse"] == "collapse" or style["box_sizing"] != "content-box":
        return {}
    used = {key: getattr(value, "value", value) for key, value in values.items()}
    for key in ("min_width", "min_height"):
        used[key] = 0 if used[key] == "auto" else used[key]
    return used | {f"border_{side}_width": style[f"border_{side}_width"] for side in SIDES}


def _radii(slow, box) -> None:
    style = box.style
    if "square" not in style.__dict__:
        style.square = all((0, "px") in style[f"border_{corner}_radius"] for corner in CORNERS)
    box.__dict__.update(SQUARE) if style.square else slow(box)


# ── Text ──────────────────────────────────────────────────────────────────────────────────────────
def _font_key(slow, style, include_size=False) -> str:
    name = "font_key_sized" if include_size else "font_key"
    if name not in style.__dict__:
        setattr(style, name, slow(style, include_size))
    return style.__dict__[name]


def _strut(slow, style) -> tuple:
    """Height and baseline of a line of a style: asked for by everything that stands in one."""
    if "strut" not in style.__dict__:
        style.strut = slow(style)
    return style.strut


class _Arrays:
    """cffi reads a C type anew for each length of an array; one as long as what is put into it has one type."""

    def __init__(self, ffi):
        self.ffi = ffi

    def __getattr__(self, name):
        return getattr(self.ffi, name)

    def new(self, said: str, *given):
        return self.ffi.new(said.partition("[")[0] + "[]" if given and "[" in said else said, *given)


def _layout(slow, line_break):
    """A layout in Pango's context of its style, made once for all lines of that style."""
    ffi, gobject, pango = line_break.ffi, line_break.gobject, line_break.pango

    def setup(self, style):
        made = style.__dict__.get("pango")
        if made is None:
            slow(self, style)
            if self.ascent is None and pango.pango_layout_get_attributes(self.layout) == ffi.NULL:
                context = ffi.gc(pango.pango_font_map_create_context(style.font_config.font_map),
                                 gobject.g_object_unref)
                pango.pango_context_set_round_glyph_positions(context, False)
                pango.pango_context_set_base_dir(context, line_break.PANGO_DIRECTION[style["direction"]])
                pango.pango_context_set_language(context, self.language)
                style.pango = context, line_break.get_font_description(style), self.language
            return
        context, description, self.language = made
        self.style, self.first_line_direction = style, 0
        self.layout = ffi.gc(pango.pango_layout_new(context), gobject.g_object_unref)
        pango.pango_layout_set_auto_dir(self.layout, False)
        pango.pango_layout_set_font_description(self.layout, description)
        self.ascent = self.underline_position = self.strikethrough_position = None

    return setup


def _place(stream, *matrix) -> None:
    """A thousandth of a pixel is enough."""
    stream.stream.append("{:g} {:g} {:g} {:g} {} {} Tm".format(*matrix[:4], *(round(to, 3) for to in matrix[4:])))


def _say(stream, glyphs: str) -> None:
    """Without the corrections by nothing that stand between most glyphs."""
    stream.stream.append(f"[{glyphs}] TJ".replace(">0<", "").replace(">0]", ">]"))


# ── Borders ───────────────────────────────────────────────────────────────────────────────────────
def _border(slow, stream, box) -> None:
    widths = [getattr(box, f"border_{side}_width") for side in SIDES]
    if widths == [0, 0, 0, 0] and box.style["column_width"] == box.style["column_count"] == "auto" \
            and box.style["border_image_source"][0] == "none":
        return
    if not _straight(box):
        slow(stream, box)
        return
    with stream.artifact():
        stream.set_color(box.style.pen)
        for line in _lines(box):
            if line[2] and line[3]:
                stream.rectangle(*line)
        stream.fill()


def _table(slow, stream, table) -> None:
    """All the lines of a table at once, as long as they run, where all are straight and of one colour."""
    rows = [row for group in table.children for row in group.children]
    cells = [cell for row in rows for cell in row.children if cell.style["empty_cells"] == "show" or not cell.empty]
    columns = [column for group in table.column_groups for column in group.children]
    lined = [table, *cells]
    if any(box.background for box in (*lined, *rows, *columns, *table.children, *table.column_groups)) \
            or table.style["border_collapse"] == "collapse" or not all(map(_straight, lined)) \
            or len({box.style.pen for box in lined} - {None}) != 1:
        slow(stream, table)
        return
    lying, standing = {}, {}
    for box in lined:
        edges = _lines(box)
        for x, y, width, height in edges[:2]:
            _join(lying, (y, height), x, width)
        for x, y, width, height in edges[2:]:
            _join(standing, (x, width), y, height)
    with stream.artifact():
        stream.set_color(next(box.style.pen for box in lined if box.style.pen))
        for (y, height), lengths in lying.items():
            for x, end in lengths:
                stream.rectangle(x, y, round(end - x, 2), height)
        for (x, width), lengths in standing.items():
            for y, end in lengths:
                stream.rectangle(x, y, width, round(end - y, 2))
        stream.fill()


def _join(lines: dict, place: tuple, start: float, length: float) -> None:
    """One line more, or the one before it grown longer where it ends here."""
    if not length or not place[1]:
        return
    known = lines.setdefault(place, [])
    if known and abs(known[-1][1] - start) < 0.02:
        known[-1][1] = start + length
    else:
        known.append([start, start + length])


def _straight(box) -> bool:
    """Are all its lines solid, of one colour, with square corners? Then it is enough to fill four thin rectangles."""
    style = box.style
    known = style.__dict__.get("straight")
    if known is None:
        drawn = [side for side in SIDES if style[f"border_{side}_width"]]
        colors = {style[f"border_{side}_color"] for side in drawn}
        known = style.straight = (
            all(style[f"border_{side}_style"] == "solid" for side in drawn) and len(colors) <= 1
            and style["visibility"] == "visible" and style["border_image_source"][0] == "none"
            and style["column_width"] == style["column_count"] == "auto"
            and all((0, "px") in style[f"border_{corner}_radius"] for corner in CORNERS))
        style.pen = next(iter(colors), None)
        style.pen = style["color"] if style.pen == "currentcolor" else style.pen
    return known


def _lines(box) -> tuple:
    """Top, bottom, left and right as (x, y, width, height); a line that is none has no thickness."""
    x, y, width, height = box.border_box_x(), box.border_box_y(), box.border_width(), box.border_height()
    top, right, bottom, left = [getattr(box, f"border_{side}_width") for side in SIDES]
    lines = ((x, y, width, top), (x, y + height - bottom, width, bottom), (x, y, left, height),
             (x + width - right, y, right, height))
    return tuple(tuple(round(one, 2) for one in line) for line in lines)
