"use strict";
// Shows one episode at a time, and in it one request. Without it everything stands one below the other.
(() => {
  const root = document.documentElement;
  const episodes = [...document.querySelectorAll(".episode")];
  if (!episodes.length) return;
  root.classList.add("scripted");
  const links = [...document.querySelectorAll(".chooser a")];
  const at = new Map(episodes.map((episode) => [episode, 1]));
  let current = episodes[0];

  const steps = (episode) => [...episode.querySelectorAll(".step")];

  function show(episode, step) {
    const all = steps(episode);
    const now = Math.min(Math.max(step, 1), Math.max(all.length, 1));
    at.set(episode, now);
    all.forEach((one) => { one.hidden = Number(one.dataset.step) !== now; });
    episode.querySelectorAll("[data-to]").forEach((dot) => {
      if (Number(dot.dataset.to) === now) dot.setAttribute("aria-current", "step");
      else dot.removeAttribute("aria-current");
    });
    episode.querySelector(".counter").textContent = all.length ? `${now} of ${all.length}` : "no request needed";
    episode.querySelector("[data-go='-1']").disabled = now <= 1;
    episode.querySelector("[data-go='1']").disabled = now >= all.length;
    episode.querySelectorAll(".tree li").forEach((node) => {
      node.hidden = Number(node.dataset.first) > now;
      const reads = node.dataset.reads.split(" ").filter((read) => read && Number(read) <= now);
      node.classList.toggle("now", reads.includes(String(now)));
      const when = node.querySelector(":scope > .when");
      if (when) when.textContent = reads.filter((read) => read !== "0").join(", ");
    });
  }

  function choose(episode) {
    current = episode;
    episodes.forEach((one) => { one.hidden = one !== episode; });
    links.forEach((link) => {
      if (link.hash === `#${episode.id}`) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
    show(episode, at.get(episode));
  }

  links.forEach((link) => link.addEventListener("click", (event) => {
    event.preventDefault();
    const episode = episodes.find((one) => `#${one.id}` === link.hash);
    choose(episode);
    history.replaceState(null, "", link.hash);
    if (episode.getBoundingClientRect().top < 0 || matchMedia("(max-width: 60rem)").matches) episode.scrollIntoView();
    episode.focus({ preventScroll: true });
  }));

  document.getElementById("player").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const episode = button.closest(".episode");
    show(episode, button.dataset.to ? Number(button.dataset.to) : at.get(episode) + Number(button.dataset.go));
  });

  document.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!move || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.target.closest("input, pre, .scroll")) return;
    event.preventDefault();
    show(current, at.get(current) + move);
  });

  choose(episodes.find((one) => `#${one.id}` === location.hash) || current);
})();
