//! `#[get("…")]` and similar attributes for handlers of `pakn`: the attribute of actix-web with the same name, plus
//! the access right of the handler, taken from its signature.
//!
//! Takes a handler, returns the same handler with `impl PolicyHandler`. Rule: the first argument other than the
//! application (`Data<App>`) must be the extractor that names the right; anything else does not compile, and
//! neither does a handler without one, because routes are mounted only with a right.

use proc_macro::TokenStream;
use quote::{format_ident, quote};
use syn::{FnArg, ItemFn, Type, parse_macro_input};

macro_rules! methods {
    ($($method:ident),+) => {
        $(
            #[doc = concat!("A handler of `", stringify!($method), "`, mounted with the right that its signature names.")]
            #[proc_macro_attribute]
            pub fn $method(address: TokenStream, handler: TokenStream) -> TokenStream {
                let handler = parse_macro_input!(handler as ItemFn);
                guarded(stringify!($method), &address.into(), &handler).unwrap_or_else(syn::Error::into_compile_error).into()
            }
        )+
    };
}

methods!(get, post, put, patch, delete, options);

fn guarded(method: &str, address: &proc_macro2::TokenStream, handler: &ItemFn) -> syn::Result<proc_macro2::TokenStream> {
    let (method, name) = (format_ident!("{method}"), &handler.sig.ident);
    let types = handler.sig.inputs.iter().filter_map(|argument| match argument {
        FnArg::Typed(argument) => Some(&*argument.ty),
        FnArg::Receiver(_) => None,
    });
    let policy = types.into_iter().find(|argument| !is_application(argument)).ok_or_else(|| {
        syn::Error::new_spanned(name, "a handler names its right: take `Authorized<…>`, `Public` or their likes first")
    })?;
    Ok(quote! {
        #[::actix_web::#method(#address)]
        #handler

        impl crate::accounts::http::extract::access_policy::PolicyHandler for #name {
            type Policy = #policy;
        }
    })
}

/// Returns whether the type is `Data<…>`, which does not authorize anybody.
fn is_application(argument: &Type) -> bool {
    match argument {
        Type::Path(path) => path.path.segments.last().is_some_and(|segment| segment.ident == "Data"),
        _ => false,
    }
}
