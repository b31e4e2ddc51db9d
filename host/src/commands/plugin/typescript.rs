//! TypeScript declarations of a WIT package: what an editor and `tsc` know of the values that a plugin in JavaScript or
//! TypeScript gets and gives. Values are as componentize-qjs makes them, which differs from what jco's types say: `none`
//! is `null`, `u64` is a number, and a list of numbers is an ordinary array.

mod text;

use std::path::Path;

use wit_parser::{
    Function, FunctionKind, Handle, Interface, InterfaceId, Resolve, Result_, Type, TypeDef, TypeDefKind,
    TypeId, World, WorldItem, WorldKey,
};

pub(super) use text::pascal;
use text::{Lines, camel, module};

/// The head of the file.
const HEAD: &str = "\
// Made from the WIT files beside it by `ai-worker plugin wit --types`. Modules have the names of WIT interfaces without a
// version. A field with `?` may be left out when it is given; of what the host gives, it is null where WIT says none.
";

/// Why there are no declarations: what cannot be read, or is not known here.
type Declared<T> = Result<T, String>;

/// The declarations of the WIT package in a folder, one module for each interface and each world.
pub(super) fn declarations(wit: &Path) -> Declared<String> {
    let mut resolve = Resolve::default();
    resolve
        .push_dir(wit)
        .map_err(|error| format!("{} cannot be read as WIT: {error:#}", wit.display()))?;
    let package = Package { resolve: &resolve };
    let mut text = HEAD.to_owned();
    for (id, interface) in resolve.interfaces.iter() {
        text.push_str(&package.interface(id, interface)?);
    }
    for (_, world) in resolve
        .worlds
        .iter()
        .filter(|(_, world)| !world.exports.is_empty())
    {
        text.push_str(&package.world(world)?);
    }
    Ok(text)
}

struct Package<'a> {
    resolve: &'a Resolve,
}

impl Package<'_> {
    /// What a plugin may import of an interface, or must export for it.
    fn interface(&self, id: InterfaceId, interface: &Interface) -> Declared<String> {
        let mut lines = Lines::default();
        for (name, id) in &interface.types {
            self.type_definition(&mut lines, interface, name, *id)?;
        }
        let functions = interface
            .functions
            .values()
            .filter(|function| function.kind.resource().is_none());
        let exported = self
            .resolve
            .worlds
            .iter()
            .any(|(_, world)| world.exports.contains_key(&WorldKey::Interface(id)));
        if exported {
            lines.docs(&interface.docs);
            lines.open(&format!("export interface {} {{", pascal(name_of(interface)?)));
            for function in functions {
                let throws = self
                    .thrown(function)?
                    .map(|ty| format!("@throws {{{ty}}} as it is, not an `Error`"));
                lines.docs_and(&function.docs, throws.as_deref());
                lines.line(&format!("{};", self.signature(&camel(&function.name), function)?));
            }
            lines.close();
        } else {
            for function in functions {
                let signature = self.signature(&camel(&function.name), function)?;
                lines.docs_and(&function.docs, self.payload(function)?.as_deref());
                lines.line(&format!("export function {signature};"));
            }
        }
        Ok(module(&self.module_name(interface)?, lines))
    }

    /// What a plugin for a world must export.
    fn world(&self, world: &World) -> Declared<String> {
        let mut lines = Lines::default();
        lines.docs(&world.docs);
        lines.open(&format!("export interface {} {{", pascal(&world.name)));
        for item in world.exports.values() {
            let WorldItem::Interface { id, .. } = item else {
                return Err(format!("the world {} exports more than interfaces", world.name));
            };
            let interface = self.interface_of(*id)?;
            let name = name_of(interface)?;
            lines.line(&format!(
                "{}: import({:?}).{};",
                camel(name),
                self.module_name(interface)?,
                pascal(name)
            ));
        }
        lines.close();
        let package = world.package.and_then(|id| self.resolve.packages.get(id));
        let package = package.ok_or_else(|| format!("the world {} has no package", world.name))?;
        let (namespace, name) = (&package.name.namespace, &package.name.name);
        Ok(module(&format!("{namespace}:{name}/{}", world.name), lines))
    }

    fn type_definition(
        &self,
        lines: &mut Lines,
        interface: &Interface,
        name: &str,
        id: TypeId,
    ) -> Declared<()> {
        let definition = self.definition(id)?;
        let type_name = pascal(name);
        lines.docs(&definition.docs);
        match &definition.kind {
            TypeDefKind::Record(record) => {
                lines.open(&format!("export interface {type_name} {{"));
                for field in &record.fields {
                    lines.docs(&field.docs);
                    let mark = if self.is_option(&field.ty)? { "?" } else { "" };
                    lines.line(&format!(
                        "{}{mark}: {};",
                        camel(&field.name),
                        self.type_name(&field.ty)?
                    ));
                }
                lines.close();
            }
            TypeDefKind::Flags(flags) => {
                lines.open(&format!("export interface {type_name} {{"));
                for flag in &flags.flags {
                    lines.docs(&flag.docs);
                    lines.line(&format!("{}?: boolean;", camel(&flag.name)));
                }
                lines.close();
            }
            TypeDefKind::Enum(cases) => {
                let cases = cases.cases.iter().map(|case| format!("{:?}", case.name));
                let cases = cases.collect::<Vec<_>>().join(" | ");
                lines.line(&format!("export type {type_name} = {cases};"));
            }
            TypeDefKind::Variant(variant) => {
                lines.open(&format!("export type {type_name} ="));
                for (index, case) in variant.cases.iter().enumerate() {
                    lines.docs(&case.docs);
                    let value = match &case.ty {
                        Some(ty) => format!("; val: {}", self.type_name(ty)?),
                        None => String::new(),
                    };
                    let end = if index + 1 == variant.cases.len() { ";" } else { "" };
                    lines.line(&format!("| {{ tag: {:?}{value} }}{end}", case.name));
                }
                lines.end();
            }
            TypeDefKind::Resource => self.resource(lines, interface, &type_name, id)?,
            TypeDefKind::Type(Type::Id(other)) => {
                let other = self.definition(*other)?;
                let wit_parser::TypeOwner::Interface(owner) = other.owner else {
                    return Err(format!("{name} is not of an interface"));
                };
                let module = self.module_name(self.interface_of(owner)?)?;
                let other = other.name.as_deref().unwrap_or(name);
                lines.line(&format!(
                    "export type {type_name} = import({module:?}).{};",
                    pascal(other)
                ));
            }
            kind => lines.line(&format!("export type {type_name} = {};", self.kind_name(kind)?)),
        }
        Ok(())
    }

    fn resource(
        &self,
        lines: &mut Lines,
        interface: &Interface,
        type_name: &str,
        id: TypeId,
    ) -> Declared<()> {
        lines.open(&format!("export class {type_name} {{"));
        let mut constructed = false;
        for function in interface.functions.values() {
            let named =
                |prefix: &str| self.signature(&format!("{prefix}{}", camel(function.item_name())), function);
            let line = match &function.kind {
                FunctionKind::Method(of) if *of == id => named("")?,
                FunctionKind::Static(of) if *of == id => named("static ")?,
                FunctionKind::Constructor(of) if *of == id => {
                    constructed = true;
                    format!("constructor({})", self.parameters(function)?)
                }
                _ => continue,
            };
            lines.docs_and(&function.docs, self.payload(function)?.as_deref());
            lines.line(&format!("{line};"));
        }
        if !constructed {
            lines.line("private constructor();");
        }
        lines.line("[Symbol.dispose](): void;");
        lines.close();
        Ok(())
    }

    /// A function's name, parameters and what it returns. A function whose result is an error throws instead.
    fn signature(&self, name: &str, function: &Function) -> Declared<String> {
        if function.kind.is_async() {
            return Err(format!("{name} is async"));
        }
        let returned = match self.result(function)? {
            Some(result) => result.ok,
            None => function.result,
        };
        let returned = match &returned {
            Some(ty) => self.type_name(ty)?,
            None => "void".to_owned(),
        };
        Ok(format!("{name}({}): {returned}", self.parameters(function)?))
    }

    /// What a function throws.
    fn thrown(&self, function: &Function) -> Declared<Option<String>> {
        let error = self.result(function)?.and_then(|result| result.err);
        error.map(|ty| self.type_name(&ty)).transpose()
    }

    /// What is said of that where the plugin calls the function.
    fn payload(&self, function: &Function) -> Declared<Option<String>> {
        let thrown = self.thrown(function)?;
        Ok(thrown.map(|ty| format!("@throws a JavaScript error, whose `payload` is the {ty} of WIT")))
    }

    fn result(&self, function: &Function) -> Declared<Option<Result_>> {
        let Some(Type::Id(id)) = function.result else {
            return Ok(None);
        };
        Ok(match &self.definition(id)?.kind {
            TypeDefKind::Result(result) => Some(result.clone()),
            _ => None,
        })
    }

    fn parameters(&self, function: &Function) -> Declared<String> {
        let own = usize::from(matches!(function.kind, FunctionKind::Method(_)));
        let parameters = function.params.iter().skip(own);
        let parameters =
            parameters.map(|given| Ok(format!("{}: {}", camel(&given.name), self.type_name(&given.ty)?)));
        Ok(parameters.collect::<Declared<Vec<_>>>()?.join(", "))
    }

    fn type_name(&self, ty: &Type) -> Declared<String> {
        Ok(match ty {
            Type::Bool => "boolean".to_owned(),
            Type::U8
            | Type::U16
            | Type::U32
            | Type::U64
            | Type::S8
            | Type::S16
            | Type::S32
            | Type::S64
            | Type::F32
            | Type::F64 => "number".to_owned(),
            Type::Char | Type::String => "string".to_owned(),
            Type::ErrorContext => return Err("error contexts are not known here".to_owned()),
            Type::Id(id) => {
                let definition = self.definition(*id)?;
                match &definition.name {
                    Some(name) => pascal(name),
                    None => self.kind_name(&definition.kind)?,
                }
            }
        })
    }

    /// A type that has no name.
    fn kind_name(&self, kind: &TypeDefKind) -> Declared<String> {
        Ok(match kind {
            TypeDefKind::List(Type::U8) => "Uint8Array".to_owned(),
            TypeDefKind::List(item) => format!("Array<{}>", self.type_name(item)?),
            TypeDefKind::Option(some) if !self.is_option(some)? => {
                format!("{} | null", self.type_name(some)?)
            }
            TypeDefKind::Tuple(tuple) => {
                let types = tuple.types.iter().map(|ty| self.type_name(ty));
                format!("[{}]", types.collect::<Declared<Vec<_>>>()?.join(", "))
            }
            TypeDefKind::Handle(Handle::Own(id) | Handle::Borrow(id)) => self.type_name(&Type::Id(*id))?,
            TypeDefKind::Type(ty) => self.type_name(ty)?,
            other => return Err(format!("a type of the kind {} is not known here", other.as_str())),
        })
    }

    fn is_option(&self, ty: &Type) -> Declared<bool> {
        Ok(match ty {
            Type::Id(id) => matches!(self.definition(*id)?.kind, TypeDefKind::Option(_)),
            _ => false,
        })
    }

    fn definition(&self, id: TypeId) -> Declared<&TypeDef> {
        let definition = self.resolve.types.get(id);
        definition.ok_or_else(|| "a type is missing".to_owned())
    }

    fn interface_of(&self, id: InterfaceId) -> Declared<&Interface> {
        let interface = self.resolve.interfaces.get(id);
        interface.ok_or_else(|| "an interface is missing".to_owned())
    }

    /// By which name the module of an interface is imported: without the version, which the JavaScript tool does not ask
    /// for.
    fn module_name(&self, interface: &Interface) -> Declared<String> {
        let name = name_of(interface)?;
        let package = interface
            .package
            .and_then(|id| self.resolve.packages.get(id))
            .ok_or_else(|| format!("{name} has no package"))?;
        Ok(format!("{}:{}/{name}", package.name.namespace, package.name.name))
    }
}

fn name_of(interface: &Interface) -> Declared<&str> {
    let name = interface.name.as_deref();
    name.ok_or_else(|| "an interface has no name".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The declarations of a package of one file.
    fn declared(wit: &str) -> Result<String, Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        std::fs::write(
            folder.path().join("test.wit"),
            format!("package a:b@1.2.3;\n{wit}"),
        )?;
        Ok(declarations(folder.path())?)
    }

    /// The lines between the head of a module and its end.
    fn module_of<'a>(text: &'a str, name: &str) -> Option<&'a str> {
        let (_, module) = text.split_once(&format!("declare module \"{name}\" {{\n"))?;
        Some(module.split_once("\n}\n")?.0)
    }

    #[test]
    fn values_are_as_the_javascript_tool_makes_them() -> Result<(), Box<dyn std::error::Error>> {
        let text = declared(
            "interface shapes {
                 /// What it is.
                 record one-shape { corner-count: u64, area: option<f32>, bytes: list<u8>, sides: list<f32> }
                 enum hue { light-red, blue }
                 flags marks { is-new, old }
                 /// How it
                 /// ends: */
                 variant end { by-hand(string), alone }
                 type pair = tuple<bool, hue>;
             }",
        )?;
        assert_eq!(
            module_of(&text, "a:b/shapes"),
            Some(
                "  /** What it is. */
  export interface OneShape {
    cornerCount: number;
    area?: number | null;
    bytes: Uint8Array;
    sides: Array<number>;
  }
  export type Hue = \"light-red\" | \"blue\";
  export interface Marks {
    isNew?: boolean;
    old?: boolean;
  }
  /**
   * How it
   * ends: * /
   */
  export type End =
    | { tag: \"by-hand\"; val: string }
    | { tag: \"alone\" };
  export type Pair = [boolean, Hue];"
            )
        );
        Ok(())
    }

    #[test]
    fn what_a_world_exports_is_an_interface_and_what_it_imports_are_functions()
    -> Result<(), Box<dyn std::error::Error>> {
        let text = declared(
            "interface makes {
                 resource thing { constructor(size: u32); size-of: func() -> u32; }
                 make-thing: func(name: option<string>) -> result<thing, string>;
             }
             interface thinks {
                 use makes.{thing};
                 think: func(about: borrow<thing>) -> result<_, string>;
             }
             world thinking { import makes; export thinks; }
             world idle {}",
        )?;
        assert_eq!(
            module_of(&text, "a:b/makes"),
            Some(
                "  export class Thing {
    constructor(size: number);
    sizeOf(): number;
    [Symbol.dispose](): void;
  }
  /** @throws a JavaScript error, whose `payload` is the string of WIT */
  export function makeThing(name: string | null): Thing;"
            )
        );
        assert_eq!(
            module_of(&text, "a:b/thinks"),
            Some(
                "  export type Thing = import(\"a:b/makes\").Thing;
  export interface Thinks {
    /** @throws {string} as it is, not an `Error` */
    think(about: Thing): void;
  }"
            )
        );
        assert_eq!(
            module_of(&text, "a:b/thinking"),
            Some("  export interface Thinking {\n    thinks: import(\"a:b/thinks\").Thinks;\n  }")
        );
        assert_eq!(module_of(&text, "a:b/idle"), None);
        Ok(())
    }

    #[test]
    fn a_type_that_is_not_known_is_named() -> Result<(), Box<dyn std::error::Error>> {
        for (wit, named) in [
            ("interface i { f: func(a: stream<u8>); }", "stream"),
            ("interface i { f: async func(); }", "f is async"),
            ("interface i { record r { a: option<option<u8>> } }", "option"),
            ("interface i { nonsense }", "cannot be read as WIT"),
        ] {
            let refusal = declared(wit)
                .err()
                .map_or_else(String::new, |error| error.to_string());
            assert!(refusal.contains(named), "{wit}: {refusal}");
        }
        Ok(())
    }
}
