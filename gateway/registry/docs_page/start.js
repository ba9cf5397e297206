"use strict";
// Finds operations that say all the words in path, method, name or description, not only by tag.
const says = (operation, words) => {
  const texts = [["path"], ["method"], ["operation", "summary"], ["operation", "description"]].map((at) => operation.getIn(at) || "");
  const said = texts.join(" ").toLowerCase();
  return words.every((word) => said.includes(word));
};
const found = (tagged, phrase) => {
  const words = phrase.toLowerCase().split(/\s+/).filter(Boolean);
  return tagged
    .map((tag, name) =>
      words.join(" ") === name ? tag : tag.set("operations", tag.get("operations").filter((each) => says(each, words))))
    .filter((tag) => tag.get("operations").size > 0);
};
window.addEventListener("DOMContentLoaded", () => {
  SwaggerUIBundle({
    url: "/openapi.json",
    dom_id: "#interfaces",
    presets: [SwaggerUIBundle.presets.apis],
    plugins: [() => ({ fn: { opsFilter: found } })],
    deepLinking: true,
    docExpansion: "list",
    defaultModelsExpandDepth: -1,
    filter: true,
    showExtensions: true,
    supportedSubmitMethods: [],
    validatorUrl: null,
  });
});
