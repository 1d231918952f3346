"use strict";
// A figure opens in a dialog; Escape closes it and the browser gives the focus back.
{
  const make = (tag, attributes, ...children) => {
    const node = Object.assign(document.createElement(tag), attributes);
    node.append(...children);
    return node;
  };

  const title = make("p", { id: "zoom-title" });
  const close = make("button", { type: "button", textContent: "Close" });
  const picture = make("div", { className: "zoomed", tabIndex: 0 });
  const dialog = make("dialog", { className: "zoom" }, make("div", { className: "bar" }, title, close), picture);
  dialog.setAttribute("aria-labelledby", title.id);
  picture.setAttribute("role", "group");
  picture.setAttribute("aria-label", "Enlarged figure, can be scrolled");
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.body.append(dialog);

  for (const figure of document.querySelectorAll("figure.picture")) {
    const image = figure.querySelector("img");
    const caption = figure.querySelector("figcaption").textContent;
    const name = caption.split(/: |\. (?=[A-Z])/)[0];
    const open = () => {
      title.textContent = caption;
      picture.replaceChildren(make("img", { src: image.src, alt: image.alt }));
      dialog.showModal();
    };
    const button = make("button", { type: "button", className: "enlarge", textContent: "Enlarge" });
    button.setAttribute("aria-label", `Enlarge ${name}`);
    button.addEventListener("click", open);
    image.addEventListener("click", () => button.click());
    image.classList.add("can-zoom");
    figure.querySelector(".scroll").after(button);
  }
}
