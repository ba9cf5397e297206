"use strict";
// Asks the device for what the form names, and sends its answer with the form.

const form = document.getElementById("passkey-form");
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function asked() {
  const options = JSON.parse(form.dataset.options);
  options.challenge = bytes(options.challenge);
  for (const known of options.allowCredentials || options.excludeCredentials || []) known.id = bytes(known.id);
  if (options.user) options.user.id = bytes(options.user.id);
  return { publicKey: options };
}

function answered(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response });
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const failed = document.getElementById("failed");
  failed.hidden = true;
  try {
    const credential = await navigator.credentials[form.dataset.ceremony](asked());
    form.elements.credential.value = answered(credential);
    // The button is called "submit" too and hides the form's own method.
    HTMLFormElement.prototype.submit.call(form);
  } catch {
    failed.hidden = false;
    failed.focus();
  }
});
