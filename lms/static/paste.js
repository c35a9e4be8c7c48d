// What is pasted from Word or a web page comes in as Markdown: headings, lists, tables, bold, links; the rest of its
// looks stays out, and the page says so. What is too long is not taken, and nothing is lost: it is still in the clipboard.
document.querySelectorAll("form[data-writer]").forEach(function (form) {
  var area = form.querySelector("textarea");
  var said = form.querySelector("[data-pasted]");
  var MOST_HTML = 4000000; // characters: more is not read as a page, only its plain words
  var GONE = /^(?:SCRIPT|STYLE|HEAD|TITLE|META|LINK|TEMPLATE|IFRAME|OBJECT|SVG|O:P)$/i;
  var BLOCKS = /^(?:P|DIV|SECTION|ARTICLE|HEADER|FOOTER|MAIN|BLOCKQUOTE|PRE|D[LTD]|ADDRESS|FIGURE|FIGCAPTION|CENTER|FORM)$/;
  var OWN = /^(?:UL|OL|TABLE)$/; // what stands by itself, not in a line

  function plain(text) {
    return text.replace(/[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, "").replace(/[\s\u00a0]+/g, " ");
  }

  function escaped(text) {
    return text.replace(/([\\*[\]])/g, "\\$1").replace(/\|/g, "\\|");
  }

  function style(node) {
    return node.getAttribute("data-style") || "";
  }

  function strong(node) {
    if (/^(?:B|STRONG)$/.test(node.nodeName)) { return !/font-weight:\s*(?:normal|[1-4]00)/i.test(style(node)); }
    return node.nodeName === "SPAN" && /font-weight:\s*(?:bold|[6-9]00)/i.test(style(node));
  }

  function ignored(node) {
    return /mso-list:\s*Ignore/i.test(style(node));
  }

  // The words of a paragraph, a cell or a point, on one line.
  function inline(node, bold) {
    var made = "";
    Array.prototype.forEach.call(node.childNodes, function (one) {
      if (one.nodeType === 3) { made += escaped(plain(one.nodeValue)); return; }
      if (one.nodeType !== 1 || GONE.test(one.nodeName) || OWN.test(one.nodeName) || ignored(one)) { return; }
      if (one.nodeName === "BR") { made += " "; return; }
      var heavy = !bold && strong(one);
      var inside = inline(one, bold || heavy);
      var words = inside.trim();
      var address = one.nodeName === "A" ? (one.getAttribute("href") || "") : "";
      var shown = words;
      if (words && /^(?:https?:\/\/|tel:)[^\s()<>]+$/.test(address)) { shown = "[" + words + "](" + address + ")"; }
      if (words && heavy) { shown = "**" + shown + "**"; }
      inside = inside.replace(words, function () { return shown; });
      made += inside;
      if (BLOCKS.test(one.nodeName)) { made += " "; }
    });
    return made.replace(/\*\*\*\*/g, "").replace(/ +/g, " ");
  }

  function heading(node) {
    var level = /^H([1-6])$/.exec(node.nodeName);
    if (level) { return Number(level[1]); }
    var named = /\bMso(?:Title|Heading([1-9]))\b/.exec(node.className || "");
    if (named) { return Number(named[1] || 1); }
    var outline = /mso-outline-level:\s*([1-9])/i.exec(style(node));
    return outline ? Number(outline[1]) : 0;
  }

  // Word writes points as paragraphs: their mark is a span that other programmes do not show.
  function wordPoint(node) {
    if (!/mso-list:\s*l\d/i.test(style(node))) { return ""; }
    var mark = Array.prototype.filter.call(node.querySelectorAll("span"), ignored)[0];
    return mark && /[0-9a-z一二三四五六七八九十]+[.)、．]/i.test(mark.textContent) ? "1. " : "- ";
  }

  function table(node, rows) {
    Array.prototype.forEach.call(node.rows || [], function (row) {
      var cells = Array.prototype.map.call(row.cells, function (cell) { return inline(cell).trim(); });
      if (cells.join("")) { rows.push(cells); }
    });
    if (!rows.length) { return ""; }
    var wide = Math.max.apply(null, rows.map(function (row) { return row.length; }));
    var made = rows.map(function (row) {
      while (row.length < wide) { row.push(""); }
      return "| " + row.join(" | ") + " |";
    });
    made.splice(1, 0, "|" + new Array(wide + 1).join("---|"));
    return made.join("\n");
  }

  // Points on one level: a list in a list becomes points too, for the phone is narrow.
  function points(node, made) {
    var number = 0;
    Array.prototype.forEach.call(node.children, function (one) {
      if (one.nodeName === "UL" || one.nodeName === "OL") { points(one, made); return; }
      if (one.nodeName !== "LI") { return; }
      number += 1;
      var words = inline(one).trim();
      if (words) { made.push((node.nodeName === "OL" ? number + ". " : "- ") + words); }
      Array.prototype.forEach.call(one.querySelectorAll("ul, ol"), function (below) {
        if (below.parentNode.closest("li") === one) { points(below, made); }
      });
    });
    return made;
  }

  function walk(node, blocks) {
    var loose = node.ownerDocument.createElement("span"); // never of this page: a picture in it would be loaded
    function flush() {
      var words = inline(loose).trim();
      if (words) { blocks.push(words); }
      loose.textContent = "";
    }
    Array.prototype.slice.call(node.childNodes).forEach(function (one) {
      var name = one.nodeName;
      if (one.nodeType === 3) { loose.append(one.cloneNode()); return; }
      if (one.nodeType !== 1 || GONE.test(name)) { return; }
      if (OWN.test(name)) {
        flush();
        blocks.push(name === "TABLE" ? table(one, []) : points(one, []).join("\n"));
        return;
      }
      if (heading(one)) {
        flush();
        var words = inline(one, true).trim();
        if (words) { blocks.push((heading(one) <= 2 ? "## " : "### ") + words); }
        return;
      }
      if ((name === "P" || name === "LI") && !one.querySelector("table, ul, ol, p, div")) {
        flush();
        var text = inline(one).trim();
        var point = name === "LI" ? "- " : wordPoint(one);
        if (text && point && blocks.length && blocks[blocks.length - 1].point) {
          var last = blocks[blocks.length - 1];
          last.rows.push(point === "1. " ? (last.rows.length + 1) + ". " + text : point + text);
        } else if (text && point) {
          blocks.push({ point: true, rows: [point + text], toString: function () { return this.rows.join("\n"); } });
        } else if (text) {
          blocks.push(text);
        }
        return;
      }
      if (name === "BR") { flush(); return; }
      if (BLOCKS.test(name) || one.querySelector("p, div, table, ul, ol, h1, h2, h3, h4")) {
        flush();
        walk(one, blocks);
        return;
      }
      loose.append(one.cloneNode(true));
    });
    flush();
    return blocks;
  }

  // A page that is read without being shown: nothing in it runs or is loaded. Its styles are read, not applied; its handlers are no handlers.
  function markdown(html) {
    var bare = html.replace(/<style[\s\S]*?<\/style\s*>/gi, "");
    bare = bare.replace(/[\s/]style\s*=/gi, " data-style=").replace(/[\s/]on[a-z]+\s*=/gi, " data-on=");
    var page = new DOMParser().parseFromString(bare, "text/html");
    return walk(page.body, []).map(String).filter(function (one) { return one.trim(); }).join("\n\n");
  }

  function rich(html) {
    return /<(?:h[1-6]|table|ul|ol|li|b|strong|a)[\s>]|font-weight|mso-|class="?Mso/i.test(html);
  }

  area.addEventListener("paste", function (event) {
    var given = event.clipboardData;
    if (!given) { return; }
    said.textContent = "";
    var text = given.getData("text/plain");
    var html = given.getData("text/html");
    var clean = html && html.length <= MOST_HTML && rich(html) ? markdown(html) : "";
    var put = clean || text.replace(/\r\n?/g, "\n");
    var room = Number(form.dataset.most) - area.value.length + (area.selectionEnd - area.selectionStart);
    if (put.length > room) {
      event.preventDefault();
      said.textContent = form.dataset.tooLong;
      return;
    }
    if (!clean) { return; }
    event.preventDefault();
    var done = false;
    try {
      done = document.execCommand("insertText", false, put);
    } catch (error) { /* a browser that does not know it */ }
    if (!done) {
      area.setRangeText(put, area.selectionStart, area.selectionEnd, "end");
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }
    said.textContent = form.dataset.cleaned;
  });
});
