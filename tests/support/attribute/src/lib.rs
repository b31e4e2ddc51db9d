//! The attribute of tests that are run by the harness of `test-support`, whose `harness` module says why there is one.

use proc_macro::TokenStream;
use quote::quote;
use syn::{Error, Expr, ExprLit, ItemFn, Lit, LitStr, Meta, MetaNameValue, parse_macro_input};

/// Makes a test of a function: of a synchronous one what `#[test]` does, of an asynchronous one what `#[tokio::test]` does,
/// on one thread or, with `flavor = "multi_thread"`, on another thread than the test's own. `#[ignore = "reason"]` may follow.
#[proc_macro_attribute]
pub fn test(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut function = parse_macro_input!(item as ItemFn);
    let ignored = match take_ignore(&mut function) {
        Ok(Some(reason)) => quote!(Some(#reason)),
        Ok(None) => quote!(None),
        Err(error) => return error.into_compile_error().into(),
    };
    let flavor = arguments.to_string();
    let runtime = match (function.sig.asyncness.is_some(), flavor.as_str()) {
        (false, "") => quote!(),
        (true, "") => quote!(#[::tokio::main(flavor = "current_thread")]),
        // As many threads as `#[tokio::test]` has.
        (true, r#"flavor = "multi_thread""#) => {
            quote!(#[::tokio::main(flavor = "multi_thread", worker_threads = 1)])
        }
        _ => {
            let error = Error::new_spanned(
                &function.sig,
                "an asynchronous test may have a flavor, and nothing else",
            );
            return error.into_compile_error().into();
        }
    };
    let name = &function.sig.ident;
    quote! {
        #runtime
        #function

        ::test_support::harness::inventory::submit! {
            ::test_support::harness::Test {
                path: concat!(module_path!(), "::", stringify!(#name)),
                ignored: #ignored,
                run: #name,
            }
        }
    }
    .into()
}

/// Takes `#[ignore = "reason"]` away, where it is, and gives the reason.
fn take_ignore(function: &mut ItemFn) -> Result<Option<LitStr>, Error> {
    let is_ignore = |attribute: &syn::Attribute| attribute.path().is_ident("ignore");
    let Some(index) = function.attrs.iter().position(is_ignore) else {
        return Ok(None);
    };
    let attribute = function.attrs.remove(index);
    let without_reason = Error::new_spanned(&attribute, "say why the test is ignored");
    match attribute.meta {
        Meta::NameValue(MetaNameValue {
            value:
                Expr::Lit(ExprLit {
                    lit: Lit::Str(reason),
                    ..
                }),
            ..
        }) => Ok(Some(reason)),
        _ => Err(without_reason),
    }
}
