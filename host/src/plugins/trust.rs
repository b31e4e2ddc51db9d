//! Which components may be loaded at all: signatures by trusted keys, and pinned digests.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use minisign_verify::{PublicKey, Signature};

use super::slot::Slot;
use crate::digest::is_sha256;

/// An Ed25519 public key of a [minisign](https://jedisct1.github.io/minisign/) key pair, in its base64 form: the second
/// line of `minisign.pub`.
#[derive(Clone)]
pub struct TrustedKey {
    key: Arc<PublicKey>,
    text: String,
}

impl FromStr for TrustedKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let key = PublicKey::from_base64(text).map_err(|error| {
            format!("it is not a minisign public key ({error}); give the second line of minisign.pub")
        })?;
        Ok(Self {
            key: Arc::new(key),
            text: text.to_owned(),
        })
    }
}

impl fmt::Debug for TrustedKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// A digest that a slot is pinned to, written `slot=sha256`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    slot: Slot,
    digest: String,
}

impl FromStr for Pin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (slot, digest) = text
            .split_once('=')
            .ok_or("write it as slot=digest, such as tagger=0b6a…")?;
        let digest = digest.trim().to_ascii_lowercase();
        if !is_sha256(&digest) {
            return Err("a digest is the SHA-256 of the component in 64 hexadecimal digits".to_owned());
        }
        let slot = slot
            .trim()
            .parse()
            .map_err(|error: super::UnknownSlot| error.to_string())?;
        Ok(Self { slot, digest })
    }
}

/// What a component must be to be loaded. Empty lists ask for nothing.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// `PLUGIN_TRUST`: a component must be signed by one of these keys, unless it is built in.
    pub keys: Vec<TrustedKey>,
    /// `PLUGIN_PIN`: a slot that is named here takes only the digests named for it, built in or not.
    pub pins: Vec<Pin>,
}

impl Trust {
    /// Checks a component; `signature` is the text of its minisign signature file.
    ///
    /// # Errors
    /// A sentence that says what is missing or wrong.
    pub(super) fn check(
        &self,
        slot: Slot,
        component: &[u8],
        digest: &str,
        signature: Option<&str>,
    ) -> Result<(), String> {
        let mut pins = self.pins.iter().filter(|pin| pin.slot == slot).peekable();
        if pins.peek().is_some() && !pins.any(|pin| pin.digest == digest) {
            return Err(format!(
                "its digest is {digest}, but PLUGIN_PIN requires another one for this slot; change the pin or the \
                 component"
            ));
        }
        if self.keys.is_empty() || component == slot.built_in() {
            return Ok(());
        }
        let signature = signature.ok_or(
            "it is not signed, but PLUGIN_TRUST requires a signature; sign it with `minisign -S` and send the .minisig \
             file with it",
        )?;
        let signature = Signature::decode(signature).map_err(|error| {
            format!("its signature is not a minisign signature ({error}); sign it again with `minisign -S`")
        })?;
        // Legacy signatures are over the bytes themselves instead of their hash; the current tool makes none.
        let trusted = self
            .keys
            .iter()
            .any(|trusted| trusted.key.verify(component, &signature, false).is_ok());
        if trusted {
            Ok(())
        } else {
            Err(
                "its signature was made with a key that is not in PLUGIN_TRUST, or for other bytes; sign it again"
                    .to_owned(),
            )
        }
    }
}

/// Where the signature of a component file lies: `tagger.wasm.minisig` beside `tagger.wasm`.
#[must_use]
pub fn signature_path(component: &Path) -> PathBuf {
    let mut name = component.as_os_str().to_owned();
    name.push(".minisig");
    name.into()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use minisign::KeyPair;

    use super::*;

    fn signed(keys: &KeyPair, bytes: &[u8]) -> String {
        minisign::sign(None, &keys.sk, bytes, None, None)
            .unwrap()
            .into_string()
    }

    fn trust(keys: &KeyPair) -> Trust {
        Trust {
            keys: vec![keys.pk.to_base64().parse().unwrap()],
            pins: Vec::new(),
        }
    }

    #[test]
    fn only_what_a_trusted_key_signed_is_loaded() {
        let (ours, theirs) = (
            KeyPair::generate_unencrypted_keypair().unwrap(),
            KeyPair::generate_unencrypted_keypair().unwrap(),
        );
        let trust = trust(&ours);
        let check = |bytes: &[u8], signature: Option<&str>| trust.check(Slot::Tagger, bytes, "", signature);
        assert!(check(b"component", Some(&signed(&ours, b"component"))).is_ok());
        assert!(check(b"other bytes", Some(&signed(&ours, b"component"))).is_err());
        assert!(check(b"component", Some(&signed(&theirs, b"component"))).is_err());
        assert!(check(b"component", Some("forged")).is_err());
        assert!(check(b"component", None).unwrap_err().contains("not signed"));
        assert!(check(Slot::Tagger.built_in(), None).is_ok());
        assert!(
            Trust::default()
                .check(Slot::Tagger, b"component", "", None)
                .is_ok()
        );
    }

    #[test]
    fn a_pinned_slot_takes_one_digest() {
        let digest = "ab".repeat(32);
        let trust = Trust {
            keys: Vec::new(),
            pins: vec![format!("tagger={digest}").parse().unwrap()],
        };
        assert!(trust.check(Slot::Tagger, b"", &digest, None).is_ok());
        assert!(
            trust
                .check(Slot::Tagger, Slot::Tagger.built_in(), &"cd".repeat(32), None)
                .is_err()
        );
        assert!(
            trust
                .check(Slot::ClusterPolicy, b"", &"cd".repeat(32), None)
                .is_ok()
        );
        for wrong in ["tagger", "tagger=12", "painter=12", &format!("painter={digest}")] {
            assert!(wrong.parse::<Pin>().is_err(), "{wrong}");
        }
    }
}
