//! The page that shows the document and lets people try its calls. It fetches nothing but the document and what they try.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};

const FONT: &[u8] = include_bytes!("../../../assets/font/plus-jakarta-sans.woff2");
/// In the order in which the page runs them.
const SCRIPTS: [&str; 4] = [
    include_str!("../reference/command.js"),
    include_str!("../reference/document.js"),
    include_str!("../reference/call.js"),
    include_str!("../reference/page.js"),
];

/// The page, in one piece.
pub(in crate::http) fn page() -> &'static str {
    static PAGE: LazyLock<String> = LazyLock::new(|| {
        let style = include_str!("../reference/style.css").replace("FONT", &BASE64_STANDARD.encode(FONT));
        include_str!("../reference/page.html")
            .replace("/* style.css */", &style)
            .replace("/* script.js */", &SCRIPTS.join("\n"))
    });
    &PAGE
}

/// Lets the page run its own script, style and typeface, speak to this worker, and show pictures that it has been answered;
/// nothing else.
pub(in crate::http) fn policy() -> &'static str {
    static POLICY: LazyLock<String> = LazyLock::new(|| {
        format!(
            "default-src 'none'; connect-src 'self'; script-src '{}'; style-src '{}'; font-src data:; img-src blob:; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            hash_of(page(), "script"),
            hash_of(page(), "style")
        )
    });
    &POLICY
}

/// How a content security policy names the text of an element of a page.
pub(in crate::http) fn hash_of(page: &str, element: &str) -> String {
    let text = page
        .split_once(&format!("<{element}>"))
        .and_then(|(_, rest)| rest.split_once(&format!("</{element}>")))
        .map_or("", |(text, _)| text);
    format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_names_the_script_and_the_style() {
        assert_eq!(page().matches("<script").count(), 1);
        assert_eq!(page().matches("<style").count(), 1);
        let empty = format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest("")));
        assert!(!policy().contains(&empty), "{}", policy());
    }

    #[test]
    fn all_parts_are_in_the_page() {
        assert!(page().contains(&BASE64_STANDARD.encode(FONT)));
        assert!(SCRIPTS.iter().all(|script| page().contains(script)));
        assert!(!page().contains("/* s"), "a place is not filled");
        // What a part contains must not end the element that it stands in.
        assert_eq!(page().matches("</script").count(), 1);
        assert_eq!(page().matches("</style").count(), 1);
    }

    #[test]
    fn the_page_runs_no_text_and_keeps_nothing() {
        let script = SCRIPTS.join("\n");
        for word in [
            "innerHTML",
            "outerHTML",
            "insertAdjacent",
            "document.write",
            "eval(",
            "Function(",
            "localStorage",
            "sessionStorage",
            "indexedDB",
            "document.cookie",
            "://\"",
        ] {
            assert!(!script.contains(word), "{word}");
        }
    }
}
