"use strict";
// Finds operations by path, name or description, not only by tag.
const says = (operation, phrase) =>
  [operation.get("path"), operation.get("method"), operation.getIn(["operation", "summary"]), operation.getIn(["operation", "description"])]
    .some((text) => String(text || "").toLowerCase().includes(phrase));
const found = (tagged, words) => {
  const phrase = words.trim().toLowerCase();
  return tagged
    .map((tag, name) =>
      name.toLowerCase().includes(phrase) ? tag : tag.set("operations", tag.get("operations").filter((each) => says(each, phrase))))
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
