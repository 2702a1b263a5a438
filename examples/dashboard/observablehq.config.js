// The page needs nothing from outside: fonts are the system's, and what it imports is in node_modules.
export default {
  title: "Contact centre",
  root: "src",
  output: "dist",
  style: "style.css",
  head: '<link rel="icon" href="data:,">',
  globalStylesheets: [],
  pages: [],
  search: false,
  sidebar: false,
  toc: false,
  pager: false,
  header: "",
  footer: ""
};
