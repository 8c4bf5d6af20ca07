/* Connects the pages' buttons to the passkey forms of django-allauth (webauthn-json.js, webauthn.js). */
(function () {
  "use strict";
  const kinds = { login: "loginForm", add: "addForm", authenticate: "authenticateForm" };

  function connect(place) {
    const forms = window.allauth && window.allauth.webauthn && window.allauth.webauthn.forms;
    if (!forms || !window.PublicKeyCredential) {
      return;
    }
    const kind = place.dataset.passkey;
    const ids = { credential: place.dataset.credential, data: place.dataset.options };
    ids[kind] = place.id;
    if (place.dataset.passwordless) {
      ids.passwordless = place.dataset.passwordless;
    }
    forms[kinds[kind]]({ ids: ids });
    const part = document.getElementById(place.dataset.part);
    if (part) {
      part.hidden = false;
    }
  }

  document.addEventListener("allauth.error", function (event) {
    event.preventDefault();
    const said = document.getElementById("passkey-said");
    if (said) {
      said.textContent = "The passkey was not used. Try again, or use another way.";
      said.hidden = false;
    }
  });
  document.querySelectorAll("[data-passkey]").forEach(connect);
})();
