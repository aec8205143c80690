// Swagger UI over our own description; `validatorUrl` off, or it would ask an outside host.
window.SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#docs",
  validatorUrl: null,
  deepLinking: true,
});
