//! A struct without its type: what both sides of a comparison are brought to.

use std::collections::BTreeMap;

use capos_abi::wire::WireError;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Void,
    Bool(bool),
    Number(i128),
    Enum(u16),
    Text(String),
    Data(Vec<u8>),
    /// The index in the transfer list; `None` is a null capability.
    Capability(Option<u32>),
    List(Vec<Value>),
    Struct {
        fields: BTreeMap<String, Value>,
        /// The case of the union that is set.
        case: Option<Box<(String, Value)>>,
    },
}

impl Value {
    pub fn structure<'n>(
        fields: impl IntoIterator<Item = (&'n str, Value)>,
        case: Option<(&str, Value)>,
    ) -> Self {
        Self::Struct {
            fields: fields
                .into_iter()
                .map(|(name, value)| (name.into(), value))
                .collect(),
            case: case.map(|(name, value)| Box::new((name.into(), value))),
        }
    }

    pub fn list(items: impl Iterator<Item = Result<Value, WireError>>) -> Result<Value, WireError> {
        items.collect::<Result<_, _>>().map(Value::List)
    }

    pub fn capability(read: Result<u32, WireError>) -> Result<Value, WireError> {
        match read {
            Ok(index) => Ok(Self::Capability(Some(index))),
            Err(WireError::NoCapability) => Ok(Self::Capability(None)),
            Err(other) => Err(other),
        }
    }

    pub fn field(&self, name: &str) -> &Value {
        let Self::Struct { fields, .. } = self else {
            panic!("{self:?} has no fields")
        };
        &fields[name]
    }

    pub fn case(&self) -> (&str, &Value) {
        let Self::Struct {
            case: Some(case), ..
        } = self
        else {
            panic!("{self:?} has no case")
        };
        (&case.0, &case.1)
    }

    pub fn number<T: TryFrom<i128>>(&self) -> T {
        let Self::Number(number) = self else {
            panic!("{self:?} is not a number")
        };
        T::try_from(*number).ok().expect("the number fits")
    }

    pub fn boolean(&self) -> bool {
        let Self::Bool(value) = self else {
            panic!("{self:?} is not a boolean")
        };
        *value
    }

    pub fn enumerant(&self) -> u16 {
        let Self::Enum(value) = self else {
            panic!("{self:?} is not an enum")
        };
        *value
    }

    pub fn text(&self) -> &str {
        let Self::Text(value) = self else {
            panic!("{self:?} is not a text")
        };
        value
    }

    pub fn data(&self) -> &[u8] {
        let Self::Data(value) = self else {
            panic!("{self:?} is not data")
        };
        value
    }

    pub fn index(&self) -> Option<u32> {
        let Self::Capability(value) = self else {
            panic!("{self:?} is not a capability")
        };
        *value
    }

    pub fn items(&self) -> &[Value] {
        let Self::List(value) = self else {
            panic!("{self:?} is not a list")
        };
        value
    }

    /// The same with every capability reduced to whether it is there: more is not seen through
    /// Cap'n Proto's reflection.
    pub fn without_indices(self) -> Self {
        self.with_capabilities(&|index| index.map(|_| 0))
    }

    /// The same with null capabilities only: Cap'n Proto's reflection cannot set others.
    pub fn without_capabilities(self) -> Self {
        self.with_capabilities(&|_| None)
    }

    fn with_capabilities(self, change: &dyn Fn(Option<u32>) -> Option<u32>) -> Self {
        match self {
            Self::Capability(index) => Self::Capability(change(index)),
            Self::List(items) => Self::List(
                items
                    .into_iter()
                    .map(|item| item.with_capabilities(change))
                    .collect(),
            ),
            Self::Struct { fields, case } => Self::Struct {
                fields: fields
                    .into_iter()
                    .map(|(name, value)| (name, value.with_capabilities(change)))
                    .collect(),
                case: case.map(|each| Box::new((each.0, each.1.with_capabilities(change)))),
            },
            other => other,
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.into())
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Data(value.into())
    }
}

macro_rules! from_number {
    ($($number:ty),*) => {$(
        impl From<$number> for Value {
            fn from(value: $number) -> Self {
                Self::Number(value.into())
            }
        }
    )*};
}

from_number!(u8, i8, u16, i16, u32, i32, u64, i64);
